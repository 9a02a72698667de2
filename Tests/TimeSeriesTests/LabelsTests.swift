import TestSupport
import Testing
import TimeSeries

struct LabelsTests {
    @Test func labelsAreOrderedByTheBytesOfTheirNames() {
        let labels = Labels([
            ("b", "1"), ("a", "2"), ("Z", "3"), ("__name__", "m"), ("é", "4"), ("aa", "5"),
        ])
        #expect(labels.pairs.map(\.name) == ["Z", "__name__", "a", "aa", "b", "é"])
        #expect(labels.metricName == "m")
        #expect(labels["aa"] == "5")
        #expect(labels["c"] == nil)
    }

    @Test func anEmptyValueMeansThatTheLabelIsAbsent() {
        #expect(Labels([("a", ""), ("b", "1")]) == ["b": "1"])
        #expect(Labels([("a", "1"), ("a", "")]).isEmpty)
        let labels: Labels = ["a": "1", "b": "2"]
        #expect(labels.setting("a", to: "") == ["b": "2"])
        #expect(labels.setting("c", to: "") == labels)
    }

    @Test func ofTwoLabelsWithOneNameTheLaterWins() {
        #expect(Labels([("a", "1"), ("b", "2"), ("a", "3")]) == ["a": "3", "b": "2"])
    }

    @Test(arguments: [0, 1, 127, 128, 129, 300, 16_383, 16_384, 70_000])
    func namesAndValuesOfAnyLengthAreKept(_ length: Int) {
        let name = String(repeating: "n", count: length)
        let value = String(repeating: "v", count: length + 1)
        let labels = Labels([(name, value), ("o", "x")])
        #expect(labels[name] == value)
        #expect(labels["o"] == "x")
        #expect(labels.pairs.map(\.name) == [name, "o"])
        #expect(labels.setting(name, to: "") == ["o": "x"])
    }

    @Test func setsCompareAsPrometheusComparesThem() {
        let ordered: [Labels] = [
            [:], ["Z": "9"], ["__name__": "a"], ["__name__": "a", "b": "1"],
            ["__name__": "a", "b": "10"], ["__name__": "a", "b": "2"],
            ["__name__": "a", "b": "2", "c": "1"], ["__name__": "a", "bb": "1"], ["__name__": "aa"],
            ["__name__": "b"], ["a": "1"], ["é": "1"],
        ]
        for (i, left) in ordered.enumerated() {
            for (j, right) in ordered.enumerated() {
                #expect((left < right) == (i < j), "\(left) and \(right)")
                #expect((left == right) == (i == j))
            }
        }
    }

    @Test(arguments: 0..<200)
    func manySetsAreSortedAsTwoCompare(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        // Few characters, so that much is equal; those at the edge of what bytes can be are among them.
        let characters = ["\0", "\u{1}", "\u{2}", "a", "b", "é", "\u{10ffff}"]
        func word() -> String {
            (0..<Int.random(in: 0...9, using: &generator)).map { _ in
                characters.randomElement(using: &generator) ?? ""
            }.joined()
        }
        let sets = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
            Labels((0..<Int.random(in: 0...3, using: &generator)).map { _ in (word(), word()) })
        }
        let numbered = Array(sets.enumerated())
        let sorted = numbered.arranged(byLabels: \.element)
        // Equal ones stay as they stand.
        let expected = numbered.sorted { left, right in
            left.element == right.element
                ? left.offset < right.offset : left.element < right.element
        }
        #expect(sorted.map(\.offset) == expected.map(\.offset))
    }

    @Test func theTextIsPromQL() {
        let labels: Labels = ["__name__": "up", "a": "x\"\\\n", "b.c": "1", "0": "2"]
        #expect(labels.description == #"up{"0"="2", a="x\"\\\n", "b.c"="1"}"#)
        #expect(Labels().description == "{}")
        #expect((["__name__": "up"] as Labels).description == "up")
        #expect((["a": "1"] as Labels).description == #"{a="1"}"#)
    }

    // MARK: Against a dictionary

    private static let names = [
        "__name__", "a", "aa", "b", "B", "job", "é", String(repeating: "l", count: 130),
    ]
    private static let values = ["", "x", "y", String(repeating: "v", count: 200), "\"\n", "😀"]

    private static func isBefore(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private func expectEqual(_ labels: Labels, _ model: [String: String]) {
        let pairs = model.sorted { Self.isBefore($0.key, $1.key) }
        #expect(labels.pairs.map(\.name) == pairs.map(\.key))
        #expect(labels.pairs.map(\.value) == pairs.map(\.value))
        #expect(labels == Labels(model.map { ($0, $1) }))
        #expect(labels.hashValue == Labels(model.map { ($0, $1) }).hashValue)
    }

    private func randomModel(using generator: inout SeededGenerator) -> [String: String] {
        var model: [String: String] = [:]
        for name in Self.names where Bool.random(using: &generator) {
            model[name] = Self.values.dropFirst().randomElement(using: &generator)
        }
        return model
    }

    @Test(arguments: 0..<50)
    func settingAndRemovingIsWhatADictionaryDoes(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var model = randomModel(using: &generator)
        var labels = Labels(model.map { ($0, $1) })
        var builder = LabelsBuilder(labels)
        expectEqual(labels, model)
        for _ in 0..<30 {
            let name = Self.names.randomElement(using: &generator) ?? ""
            let value = Self.values.randomElement(using: &generator) ?? ""
            model[name] = value.isEmpty ? nil : value
            labels = labels.setting(name, to: value)
            builder.set(name, value)
            expectEqual(labels, model)
            expectEqual(builder.labels(), model)
            #expect(labels[name] == model[name])
        }
        builder.removeAll()
        #expect(builder.labels().isEmpty)
    }

    @Test(arguments: 0..<50)
    func keepingRemovingAndMergingIsWhatADictionaryDoes(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let model = randomModel(using: &generator)
        let other = randomModel(using: &generator)
        let labels = Labels(model.map { ($0, $1) })
        let names = Self.names.filter { _ in Bool.random(using: &generator) }
        expectEqual(labels.keeping(LabelNames(names)), model.filter { names.contains($0.key) })
        expectEqual(labels.removing(LabelNames(names)), model.filter { !names.contains($0.key) })
        expectEqual(labels.removingMetricName(), model.filter { $0.key != "__name__" })
        expectEqual(
            labels.setting(Labels(other.map { ($0, $1) })), model.merging(other) { $1 })
    }

    @Test(arguments: 0..<50)
    func thePackerPacksAnyOrderLikeTheBuilder(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var packer = LabelsPacker()
        for round in 0..<8 {
            var pairs: [(String, String)] = []
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                pairs.append(
                    (
                        Self.names.randomElement(using: &generator) ?? "",
                        Self.values.randomElement(using: &generator) ?? ""
                    ))
            }
            // Half of them in order, as servers send them.
            if round % 2 == 0 { pairs.sort { Self.isBefore($0.0, $1.0) } }
            for (name, value) in pairs {
                packer.append(name: Array(name.utf8).span)
                packer.append(value: Array(value.utf8).span)
            }
            #expect(packer.finish() == Labels(pairs))
        }
    }

    @Test func thePackerForgetsWhatWasBegun() {
        var packer = LabelsPacker()
        packer.append(name: Array("z".utf8).span)
        packer.removeAll()
        packer.append(name: Array("a".utf8).span)
        packer.append(value: Array("1".utf8).span)
        #expect(packer.finish() == ["a": "1"])
        #expect(packer.finish().isEmpty)
    }

    @Test func namesAreASet() {
        let names = LabelNames(["b", "a", "b"])
        #expect(names.names == ["a", "b"])
        #expect(names.contains("a") && !names.contains("c"))
        #expect(names.union(["c"]) == ["a", "b", "c"])
    }
}
