import TimeSeries

/// The functions that Go's templates have themselves.
extension TemplateFunction {
    static let builtIn: [TemplateFunction] = [
        TemplateFunction("and", [.any], rest: .any, stopsAt: false) { _, _ in .nothing },
        TemplateFunction("or", [.any], rest: .any, stopsAt: true) { _, _ in .nothing },
        TemplateFunction("not", [.any]) { arguments, _ in .bool(!arguments[0].isTrue) },
        TemplateFunction("call", [.any], rest: .any) { arguments, _ throws(TemplateRefusal) in
            guard !arguments[0].isMissing else { throw .failed("call of nil") }
            throw .failed("non-function of type \(arguments[0].typeName)")
        },
        TemplateFunction("len", [.any]) { arguments, _ throws(TemplateRefusal) in
            switch arguments[0] {
            case .string(let text), .html(let text): return .int(text.utf8.count)
            case .labels(let labels): return .int(labels.pairs.count)
            case .mapping(let mapping): return .int(mapping.count)
            case .samples(let samples): return .int(samples.count)
            case .nothing, .null: throw .failed("len of nil pointer")
            default: throw .failed("len of type \(arguments[0].typeName)")
            }
        },
        TemplateFunction("index", [.any], rest: .any) { arguments, _ throws(TemplateRefusal) in
            var value = arguments[0]
            if value.isMissing { throw .failed("index of untyped nil") }
            for index in arguments.dropFirst() { value = try value.element(at: index) }
            return value
        },
        TemplateFunction("slice", [.any], rest: .any) { arguments, _ throws(TemplateRefusal) in
            try arguments[0].slice(Array(arguments.dropFirst()))
        },
        TemplateFunction("print", [], rest: .any) { arguments, _ in
            .string(GoFormat.written(arguments))
        },
        TemplateFunction("println", [], rest: .any) { arguments, _ in
            .string(GoFormat.printLine(arguments))
        },
        TemplateFunction("printf", [.string], rest: .any) { arguments, _ in
            guard case .string(let format) = arguments[0] else { return .string("") }
            return .string(GoFormat.formatted(format, Array(arguments.dropFirst())))
        },
        TemplateFunction("html", [], rest: .any) { arguments, _ in
            .string(TextEscapes.html(GoFormat.joined(arguments)))
        },
        TemplateFunction("js", [], rest: .any) { arguments, _ in
            .string(TextEscapes.script(GoFormat.joined(arguments)))
        },
        TemplateFunction("urlquery", [], rest: .any) { arguments, _ in
            .string(TextEscapes.query(GoFormat.joined(arguments)))
        },
        TemplateFunction("eq", [.any], rest: .any) { arguments, _ throws(TemplateRefusal) in
            guard arguments.count > 1 else { throw .failed("missing argument for comparison") }
            for other in arguments.dropFirst() {
                if try TemplateComparison.equal(arguments[0], other) { return .bool(true) }
            }
            return .bool(false)
        },
        comparison("ne") { left, right throws(TemplateRefusal) in
            !(try TemplateComparison.equal(left, right))
        },
        comparison("lt") { left, right throws(TemplateRefusal) in
            try TemplateComparison.less(left, right)
        },
        comparison("le") { left, right throws(TemplateRefusal) in
            if try TemplateComparison.less(left, right) { return true }
            return try TemplateComparison.equal(left, right)
        },
        comparison("gt") { left, right throws(TemplateRefusal) in
            if try TemplateComparison.less(left, right) { return false }
            return !(try TemplateComparison.equal(left, right))
        },
        comparison("ge") { left, right throws(TemplateRefusal) in
            !(try TemplateComparison.less(left, right))
        },
    ]

    private static func comparison(
        _ name: String,
        _ compare:
            @escaping @Sendable (TemplateValue, TemplateValue) throws(TemplateRefusal) ->
            Bool
    ) -> TemplateFunction {
        TemplateFunction(name, [.any, .any]) { arguments, _ throws(TemplateRefusal) in
            .bool(try compare(arguments[0], arguments[1]))
        }
    }
}

extension TemplateValue {
    /// `index`.
    fileprivate func element(at index: TemplateValue) throws(TemplateRefusal) -> TemplateValue {
        switch self {
        case .labels(let labels): return .string(labels[try index.key()] ?? "")
        case .mapping(let mapping): return mapping[try index.key()] ?? .null
        case .samples(let samples): return .sample(samples[try index.place(below: samples.count)])
        case .string(let text), .html(let text):
            let bytes = Array(text.utf8)
            return .int(Int(bytes[try index.place(below: bytes.count)]))
        case .nothing, .null: throw .failed("index of nil pointer")
        default: throw .failed("can't index item of type \(typeName)")
        }
    }

    private func key() throws(TemplateRefusal) -> String {
        switch self {
        case .string(let key): return key
        case .nothing, .null: throw .failed("value is nil; should be of type string")
        default: throw .failed("value has type \(typeName); should be string")
        }
    }

    private func place(below count: Int) throws(TemplateRefusal) -> Int {
        switch self {
        case .int(let place):
            guard (0..<count).contains(place) else {
                throw .failed("index out of range: \(place)")
            }
            return place
        case .nothing, .null: throw .failed("cannot index slice/array with nil")
        default: throw .failed("cannot index slice/array with type \(typeName)")
        }
    }

    /// `slice`.
    fileprivate func slice(_ bounds: [TemplateValue]) throws(TemplateRefusal) -> TemplateValue {
        if isMissing { throw .failed("slice of untyped nil") }
        guard bounds.count <= 3 else {
            throw .failed("too many slice indexes: \(bounds.count)")
        }
        let count: Int
        switch self {
        case .string(let text): count = text.utf8.count
        case .samples(let samples): count = samples.count
        default: throw .failed("can't slice item of type \(typeName)")
        }
        if bounds.count == 3, case .string = self {
            throw .failed("cannot 3-index slice a string")
        }
        var places: [Int] = []
        for bound in bounds { places.append(try bound.place(below: count + 1)) }
        let start = places.first ?? 0
        let end = places.count > 1 ? places[1] : count
        guard start <= end else { throw .failed("invalid slice index: \(start) > \(end)") }
        switch self {
        case .string(let text):
            return .string(String(decoding: Array(text.utf8)[start..<end], as: UTF8.self))
        case .samples(let samples): return .samples(Array(samples[start..<end]))
        default: return .nothing
        }
    }
}

/// Comparing as Go's templates do: only what is of one kind, and a whole number is not a fraction.
enum TemplateComparison {
    private static let incompatible = TemplateRefusal.failed("incompatible types for comparison")
    private static let invalid = TemplateRefusal.failed("invalid type for comparison")

    static func equal(
        _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateRefusal) -> Bool {
        switch (left, right) {
        case (.bool(let left), .bool(let right)): return left == right
        case (.int(let left), .int(let right)): return left == right
        case (.float(let left), .float(let right)): return left == right
        case (.string(let left), .string(let right)), (.html(let left), .string(let right)),
            (.string(let left), .html(let right)), (.html(let left), .html(let right)):
            return left == right
        case (.duration(let left), .duration(let right)): return left == right
        case (.duration(let left), .int(let right)), (.int(let right), .duration(let left)):
            return left == right
        case (.time(let left), .time(let right)): return left == right
        case (.sample(let left), .sample(let right)): return left == right
        case (.histogram(let left), .histogram(let right)): return left == right
        case _ where left.isMissing || right.isMissing:
            return left.isMissing && right.isMissing
        case (.labels, .labels), (.mapping, .mapping), (.samples, .samples):
            throw .failed(
                "non-comparable types \(left.formatted): \(left.typeName), \(right.typeName): "
                    + right.formatted)
        default: throw incompatible
        }
    }

    static func less(
        _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateRefusal) -> Bool {
        switch (left, right) {
        case (.int(let left), .int(let right)): return left < right
        case (.float(let left), .float(let right)): return left < right
        case (.string(let left), .string(let right)), (.html(let left), .string(let right)),
            (.string(let left), .html(let right)), (.html(let left), .html(let right)):
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.duration(let left), .duration(let right)): return left < right
        case (.duration(let left), .int(let right)): return left < right
        case (.int(let left), .duration(let right)): return left < right
        case (.int, _), (.float, _), (.string, _), (.html, _), (.duration, _):
            if right.isComparable { throw incompatible }
            throw invalid
        case (.bool, .bool): throw invalid
        default: throw left.isComparable && right.isComparable ? incompatible : invalid
        }
    }
}

extension TemplateValue {
    /// Whether Go's templates know the kind at all.
    fileprivate var isComparable: Bool {
        switch self {
        case .bool, .int, .float, .string, .html, .duration: true
        default: false
        }
    }
}
