/// A block that may be in the store, and what was found there.
struct BlockSlot: Sendable {
    let steps: StepNumbers
    let block: Int64
    let identity: EntryIdentity
    var stored: AnswerBlock?

    /// The number of the block's first step.
    var first: Int64 { steps.first(ofBlock: block) }

    /// The known places with the numbers of their steps, and the place of the first in the columns.
    func visitExtents(_ body: (_ steps: Range<Int64>, _ column: Int, _ extent: Extent) -> Void) {
        var column = 0
        for extent in stored?.extents ?? [] {
            let steps =
                first + Int64(extent.places.lowerBound)..<first + Int64(extent.places.upperBound)
            body(steps, column, extent)
            column += extent.places.count
        }
    }
}
