/// Places of a block that are known, and what the server remarked with them.
struct Extent: Hashable, Sendable {
    /// Places in the block.
    var places: Range<Int>
    /// Nil where nothing was remarked.
    var remarks: ExtentRemarks?
}

/// What was remarked on an answer. Which of its steps it was about is not known, so it counts only
/// where all of them are asked for.
struct ExtentRemarks: Hashable, Sendable {
    /// The numbers of the steps that the answer was for.
    var steps: Range<Int64>
    var warnings: [String]
    var infos: [String]
}

extension [Extent] {
    /// How many places are known.
    var placeCount: Int { reduce(0) { $0 + $1.places.count } }

    /// Whether there is at most so much, in order, each place once and each extent with some.
    func areValid(width: Int) -> Bool {
        var end = 0
        for extent in self {
            guard extent.places.lowerBound >= end, !extent.places.isEmpty else { return false }
            end = extent.places.upperBound
        }
        return end <= width
    }

    /// Those without remarks that touch made one.
    var joined: [Extent] {
        var result: [Extent] = []
        for extent in self {
            if let last = result.last, last.remarks == nil, extent.remarks == nil,
                last.places.upperBound == extent.places.lowerBound
            {
                result[result.count - 1].places =
                    last.places.lowerBound..<extent.places.upperBound
            } else {
                result.append(extent)
            }
        }
        return result
    }
}
