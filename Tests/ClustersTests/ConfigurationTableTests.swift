import Clusters
import Testing

@Suite struct ConfigurationTableTests {
    @Test func everyKeyStandsInASectionThatHasARow() {
        let keys = InventoryReader.table.keys
        for key in keys where !key.section.isEmpty {
            #expect(
                keys.contains {
                    $0.path == key.section && [.section, .sections].contains($0.kind)
                }, "\(key.path)")
        }
    }

    @Test func everyRowSaysInOneLineWhatItMeans() {
        for key in InventoryReader.table.keys {
            #expect(!key.meaning.isEmpty && !key.meaning.contains("\n"), "\(key.path)")
            #expect(key.meaning.last != ".", "\(key.path)")
        }
    }

    @Test func standardValuesAreReadAsIfTheFileHeldThem() {
        let table = ConfigurationTable([
            .init("flag", .flag, standard: "true", "A flag"),
            .init("time", .duration, standard: "1m", "A time"),
            .init("size", .bytes, standard: "1KB", "A size"),
            .init("choice", .choice(["a", "b"]), standard: "b", "A choice"),
            .init("listen", .listenAddress, standard: "[::1]:80", "An address"),
            .init("none", .text, "Nothing"),
        ])
        let checked = table.standard()
        #expect(checked.mistakes.isEmpty)
        #expect(checked.flag("flag") == true)
        #expect(checked.duration("time") == .seconds(60))
        #expect(checked.number("size") == 1024)
        #expect(checked.text("choice") == "b")
        #expect(checked.address("listen") == ListenAddress(host: "::1", port: 80))
        #expect(checked.text("none") == nil)
        #expect(!checked.has("flag"))
    }

    @Test func theSectionsOfAListAreHeldAgainstTheirRows() {
        let table = ConfigurationTable([
            .init("a", .section, "A section"),
            .init("a.list", .sections, "Sections"),
            .init("a.list.name", .text, isRequired: true, "A name"),
            .init("a.list.time", .duration, standard: "1m", "A time"),
            .init("a.list.forms", .list(of: .mapping), "Any forms"),
        ])
        let good: ConfigurationNode = [
            "a": ["list": [["name": "x", "time": "5s"], ["name": "y", "forms": [["k": "v"]]]]]
        ]
        let checked = table.check(good.inLines, file: "f")
        #expect(checked.mistakes.isEmpty)
        #expect(checked.sections("a.list") == ["a.list[0]", "a.list[1]"])
        #expect(checked.text("a.list[0].name") == "x")
        #expect(checked.milliseconds("a.list[0].time") == 5000)
        // What an element does not say has no value of its own.
        #expect(checked.milliseconds("a.list[1].time") == nil)
        #expect(checked.nodes("a.list[1].forms").count == 1)

        let bad: ConfigurationNode = [
            "a": ["list": [["nam": "x"], "text", ["name": "z", "time": "x"]]]
        ]
        #expect(
            table.check(bad.inLines, file: "f").mistakes.map(\.key)
                == ["a.list[0].nam", "a.list[0].name", "a.list[1]", "a.list[2].time"])
        let none: ConfigurationNode = ["a": ["list": ["name": "x"]]]
        #expect(
            table.check(none.inLines, file: "f").mistakes.map(\.description)
                == ["f:2: a.list: a list, each a section is expected, found a mapping"])
    }
}

@Suite struct ConfigurationScalarsTests {
    @Test(
        arguments: [
            ("0", 0), ("15s", 15_000), ("1m30s", 90_000), ("15d", 1_296_000_000),
            ("2w", 1_209_600_000),
            ("1y", 31_536_000_000), ("5ms", 5), ("1h1ms", 3_600_001),
        ] as [(String, Int64)])
    func durationsAreReadAsPrometheusReadsThem(_ text: String, _ milliseconds: Int64) {
        #expect(DurationText.milliseconds(text) == milliseconds)
        #expect(
            DurationText.milliseconds(DurationText.text(milliseconds: milliseconds)) == milliseconds
        )
    }

    @Test(arguments: [
        "", "15", "s", "1 s", "-1s", "+1s", "1.5s", "30s1m", "1s1s", "1S", "1x", "1m 30s", "１s",
        "300y", "99999999999999999999s", "9223372036854775807ms",
    ])
    func otherTextsAreNoDurations(_ text: String) {
        #expect(DurationText.milliseconds(text) == nil)
    }

    @Test(arguments: [
        ("0", 0), ("1", 1), ("1B", 1), ("2KB", 2048), ("2KiB", 2048), ("2K", 2048),
        ("1GB", 1 << 30), ("3TiB", 3 << 40),
    ])
    func sizesHaveUnits(_ text: String, _ bytes: Int) {
        #expect(ByteCountText.bytes(text) == bytes)
        #expect(ByteCountText.bytes(ByteCountText.text(bytes: bytes)) == bytes)
    }

    @Test(arguments: ["", "B", "KB", "-1", "1.5MB", "1kb", "1 MB", "1EB", "9999999999PB", "１"])
    func otherTextsAreNoSizes(_ text: String) {
        #expect(ByteCountText.bytes(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:9780", "127.0.0.1", 9780), ("[::1]:0", "::1", 0),
        ("localhost:65535", "localhost", 65_535),
    ])
    func listenAddressesAreHostAndPort(_ text: String, _ host: String, _ port: Int) {
        #expect(ListenAddress(text) == ListenAddress(host: host, port: port))
        #expect(ListenAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", "9780", ":9780", "host", "host:", "host:x", "host:65536", "::1:80", "[]:1", "a b:1",
        "http://host:1", "host:-1",
    ])
    func otherTextsAreNoListenAddresses(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(arguments: [
        ("http://a", "http://a"), ("HTTPS://a:1/b/", "HTTPS://a:1/b"),
        ("http://[fe80::1]:9/", "http://[fe80::1]:9"),
        ("http://1.2.3.4:65535/x%20y//", "http://1.2.3.4:65535/x%20y"),
    ])
    func urlsLoseSlashesAtTheEnd(_ text: String, _ kept: String) throws {
        #expect(try URLText(text, .service).text == kept)
    }

    @Test(arguments: [
        "", "a", "http:", "http:/a", "ftp://a", "http://:80", "http:///x", "http://a:",
        "http://a:0",
        "http://a:65536", "http://a:x", "http://a:1:2", "http://[::1", "http://[a]",
        "http://[::1]x",
        "http://a#b", "http://a?b", "http://ä", "http://a\u{7f}", "http://a(b)", "http://u@a",
    ])
    func otherTextsAreNoURLsOfServices(_ text: String) {
        #expect(throws: URLText.Problem.self) { try URLText(text, .service) }
    }

    @Test func whatStandsBeforeTheHostIsNotShown() {
        #expect(URLText.withoutUser("http://u:p@q@a:1/b") == "http://a:1/b")
        #expect(URLText.withoutUser("http://a/u@b") == "http://a/u@b")
    }
}

@Suite struct NearestNameTests {
    private static let names = ["cluster", "external_labels", "prometheus", "retention"]

    @Test(
        arguments: [
            ("clutser", "cluster"), ("Cluster", "cluster"), ("external-labels", "external_labels"),
            ("labels", nil), ("promtheus", "prometheus"), ("x", nil), ("", nil),
            ("retention_time", "retention"), ("prom", "prometheus"), ("externa", "external_labels"),
        ] as [(String, String?)])
    func theNearestNameIsTheOneThatFewestEditsMake(_ name: String, _ nearest: String?) {
        #expect(NearestName.nearest(to: name, among: Self.names) == nearest)
    }
}
