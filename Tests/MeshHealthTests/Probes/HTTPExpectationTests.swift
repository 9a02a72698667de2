import Clusters
import MeshHealth
import PrometheusAPI
import Testing

/// Endpoints of the kind `http`.
@Suite struct HTTPExpectationTests {
    private static func read(
        _ status: Int, _ text: String, statuses: Set<Int> = [], pointer: String? = nil,
        equals value: String? = nil
    ) throws -> ProbeFinding {
        let assertion = try pointer.map { text -> HTTPExpectation.Assertion in
            let pointer = try #require(JSONPointer(text))
            return value.map { .init(pointer, equalsText: $0) } ?? .init(pointer)
        }
        return Asking.read(
            .http, .answered(ProbeAnswer(status: status, text: text)),
            expecting: HTTPExpectation(statuses: statuses, assertion: assertion)
        ).finding
    }

    @Test func whatBeginsWithATwoIsExpectedWhereNothingIsSaid() throws {
        Asking.expect(try Self.read(204, ""), .healthy, nil)
        Asking.expect(try Self.read(418, ""), .unhealthy, .unexpectedStatus)
        Asking.expect(try Self.read(500, ""), .unhealthy, .serverError)
    }

    @Test func aStatusThatIsExpectedIsWellWhateverItMeansElsewhere() throws {
        Asking.expect(try Self.read(401, "", statuses: [401]), .healthy, nil)
        Asking.expect(try Self.read(200, "", statuses: [401]), .unhealthy, .unexpectedStatus)
        Asking.expect(try Self.read(401, "", statuses: [200]), .unauthorized, .unauthorized)
    }

    @Test func aPageIsWellUnlessItsJSONIsAskedFor() throws {
        Asking.expect(try Self.read(200, "<html>"), .healthy, nil)
        Asking.expect(try Self.read(200, "<html>", pointer: "/a"), .unknown, .html)
    }

    @Test(arguments: [
        ("/status", "ok", true), ("/status", "\"ok\"", true), ("/status", "bad", false),
        ("/count", "3", true), ("/count", "3.0", true), ("/count", "\"3\"", false),
        ("/on", "true", true), ("/list/1", "b", true), ("/list", #"["a","b"]"#, true),
        ("/map", #"{"y":2,"x":1}"#, true), ("/none", "null", true),
    ])
    func aValueIsComparedAsJSON(_ pointer: String, _ value: String, _ isWell: Bool) throws {
        let text =
            #"{"status":"ok","count":3,"on":true,"list":["a","b"],"map":{"x":1,"y":2},"none":null}"#
        let finding = try Self.read(200, text, pointer: pointer, equals: value)
        Asking.expect(
            finding, isWell ? .healthy : .unhealthy, isWell ? nil : .assertionFailed)
    }

    @Test func whatIsNotThereFailsAndWhatIsThereIsEnough() throws {
        Asking.expect(try Self.read(200, "{}", pointer: "/a"), .unhealthy, .assertionFailed)
        Asking.expect(try Self.read(200, #"{"a":null}"#, pointer: "/a"), .healthy, nil)
        Asking.expect(try Self.read(200, "[1", pointer: "/a"), .unknown, .truncated)
    }

    /// The document and the pointers of RFC 6901, section 5.
    private static let document = #"""
        {"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}
        """#

    @Test(arguments: [
        ("/foo/0", "\"bar\""), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"),
        ("/g|h", "4"), ("/i\\j", "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"),
        ("/foo", #"["bar","baz"]"#),
    ])
    func pointersPointAsTheRFCSays(_ pointer: String, _ value: String) throws {
        let json = try JSONValue(parsing: Array(Self.document.utf8))
        #expect(try #require(JSONPointer(pointer)).value(in: json)?.description == value)
    }

    @Test func theEmptyPointerIsTheWhole() throws {
        let json = try JSONValue(parsing: Array(Self.document.utf8))
        #expect(JSONPointer("")?.value(in: json) == json)
    }

    @Test(arguments: [
        "/foo/2", "/foo/-", "/foo/01", "/foo/00", "/foo/+1", "/foo/", "/foo/x", "/foo/0/y", "/nope",
        "/foo/99999999999999999999",
    ])
    func nothingStandsBesideTheDocument(_ pointer: String) throws {
        let json = try JSONValue(parsing: Array(Self.document.utf8))
        #expect(try #require(JSONPointer(pointer)).value(in: json) == nil)
    }

    /// `~01` is `~1`, and no slash.
    @Test func escapesAreReadOnce() throws {
        let json: JSONValue = ["~1": true, "/": false]
        #expect(JSONPointer("/~01")?.value(in: json) == true)
        #expect(JSONPointer("/~1")?.value(in: json) == false)
    }
}
