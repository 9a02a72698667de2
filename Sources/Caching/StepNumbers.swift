import TimeSeries

/// The steps of one length and phase since the epoch, numbered, and the blocks that they are in.
struct StepNumbers: Hashable, Sendable {
    /// Milliseconds.
    let step: Int64
    /// The first time that is not before the epoch, milliseconds.
    let phase: Int64

    /// How many steps a block has.
    let width: Int

    /// The steps that a grid is made of; nil where times are so far from the present or steps so
    /// long that numbers may not hold them.
    init?(_ grid: TimeGrid, width: Int) {
        let far: Int64 = 1 << 53
        guard grid.start.magnitude < far, grid.step < 1 << 40, grid.count < 1 << 24,
            grid.end < far
        else { return nil }
        self.init(
            step: grid.step, phase: Self.floorDivided(grid.start, grid.step).rest, width: width)
    }

    /// `phase` is below `step`.
    init(step: Int64, phase: Int64, width: Int) {
        self.step = step
        self.phase = phase
        self.width = width
    }

    /// The step at a time, which is one of these.
    func number(of time: Int64) -> Int64 { (time - phase) / step }

    func time(of number: Int64) -> Int64 { phase + number * step }

    /// The block that a step is in.
    func block(of number: Int64) -> Int64 {
        Self.floorDivided(number, Int64(width)).quotient
    }

    /// The first step of a block.
    func first(ofBlock block: Int64) -> Int64 { block * Int64(width) }

    /// The coarser steps whose times are all among these, where `coarser` are.
    func contains(_ coarser: StepNumbers) -> Bool {
        coarser.step > step && coarser.step.isMultiple(of: step) && coarser.phase % step == phase
    }

    /// The quotient rounded down, and what is left over.
    static func floorDivided(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}
