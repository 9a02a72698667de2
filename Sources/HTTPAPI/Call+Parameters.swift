import PrometheusAPI
import TimeSeries

// Parameters of the gateway's own routes. What cannot be used is told with the parameter's name,
// what stands there, and what is expected.

extension Call {
    /// Milliseconds since 1970; nil where it is absent.
    func time(_ name: String) throws(ErrorResponse) -> Int64? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard let time = APITime.parse(text) else {
            throw .badData(
                "invalid parameter \"\(name)\": cannot parse \(GoText.quoted(text)) to a valid "
                    + "timestamp")
        }
        return time
    }

    /// Milliseconds; nil where it is absent.
    func duration(_ name: String) throws(ErrorResponse) -> Int64? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard let duration = APIDuration.parse(text), duration > 0 else {
            throw .badData(
                "invalid parameter \"\(name)\": cannot parse \(GoText.quoted(text)) to a valid "
                    + "duration above zero")
        }
        return duration
    }

    /// `standard` where it is absent.
    func number(
        _ name: String, standard: Int, from least: Int = 1, atMost most: Int
    ) throws(ErrorResponse) -> Int {
        guard let text = self[name], !text.isEmpty else { return standard }
        guard let number = Int(text), (least...most).contains(number) else {
            throw .badData(
                "invalid parameter \"\(name)\": a number from \(least) to \(most) is expected")
        }
        return number
    }

    /// One of a set of words; `standard` where it is absent.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, standard: Choice
    ) throws(ErrorResponse) -> Choice where Choice.RawValue == String {
        guard let text = self[name], !text.isEmpty else { return standard }
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue)
            throw .badData(
                "invalid parameter \"\(name)\": \(GoText.quoted(text)) is none of "
                    + words.joined(separator: ", "))
        }
        return choice
    }

    /// Some of a set of words, with commas between them; nil where it is absent.
    func choices<Choice: RawRepresentable & CaseIterable & Hashable>(
        _ name: String
    ) throws(ErrorResponse) -> Set<Choice>? where Choice.RawValue == String {
        var choices: Set<Choice> = []
        for word in list(name) {
            guard let choice = Choice(rawValue: word) else {
                throw .badData(
                    "invalid parameter \"\(name)\": \(GoText.quoted(word)) is none of "
                        + Choice.allCases.map(\.rawValue).joined(separator: ", "))
            }
            choices.insert(choice)
        }
        return choices.isEmpty ? nil : choices
    }

    /// The elements of a list with commas between them, of all values of the name.
    func list(_ name: String) -> [String] {
        parameters[all: name].flatMap { $0.split(separator: ",") }.map(String.init)
    }

    /// Refuses a parameter that the route does not know: a filter that is misspelt would else be
    /// an answer about everything.
    func allow(only names: Set<String>) throws(ErrorResponse) {
        guard let unknown = parameters.names.subtracting(names).min() else { return }
        throw .badData(
            "unknown parameter \(GoText.quoted(unknown)); there are "
                + names.sorted().joined(separator: ", "))
    }
}
