import Testing
import TimeSeries

/// What is told of buckets that had to be repaired.
struct BucketRepairsTests {
    private static let text = "PromQL info: input needed to be fixed for monotonicity"

    private static func repairs(_ words: String) throws -> BucketRepairs {
        try #require(BucketRepairs.split(text + words)).repairs
    }

    @Test func whatServersTellIsToldTogether() throws {
        var annotations = Annotations()
        for (words, place) in [
            (
                ", from buckets 0.5 to 1, with a max diff of 2.5, over 3 samples from "
                    + "2023-11-14T22:13:20Z to 2023-11-14T22:15:20Z", 7..<8
            ),
            (
                ", from buckets 0.25 to +Inf, with a max diff of 1e+02, over 4 samples from "
                    + "2023-11-14T22:14:20Z to 2023-11-14T22:16:20Z", 3..<4
            ),
        ] {
            annotations.inform(Self.text, about: try Self.repairs(words), at: place)
        }
        let wanted =
            Self.text
            + ", from buckets 0.25 to +Inf, with a max diff of 1e+02, over 7 samples from "
            + "2023-11-14T22:13:20Z to 2023-11-14T22:16:20Z"
        #expect(annotations.infos == [wanted])
        #expect(annotations.located(in: "a query of some length").infos == [wanted + " (1:8)"])
    }

    @Test(arguments: [
        "", ", from buckets ", ", from buckets 1 to 2, with a max diff of 3, over 4 samples",
        ", from buckets 2 to 1, with a max diff of 3, over 4 samples from a to b",
        ", from buckets 1 to NaN, with a max diff of 3, over 4 samples from a to b",
        ", from buckets 1 to 2, with a max diff of x, over 4 samples from a to b",
        ", from buckets 1 to 2, with a max diff of 3, over 9223372036854775807 samples from a to b",
        ", from buckets 1 to 2, with a max diff of 3, over -1 samples from a to b",
    ])
    func otherWordsAreLeftAsTheyAre(_ words: String) {
        #expect(BucketRepairs.split(Self.text + words) == nil)
    }

    @Test func ofOneRemarkInSeveralPlacesTheLastCounts() {
        var annotations = Annotations()
        annotations.warn("it is so", at: 2..<3)
        annotations.warn("it is so", at: 5..<6)
        annotations.warn("it is so")
        #expect(annotations.located(in: "a query").warnings == ["it is so (1:6)"])
    }
}
