/// A picture of dots, two by four in each letter.
struct BrailleCanvas {
    let columns: Int
    let rows: Int
    /// For each letter, the dots and the line that was drawn there last.
    private var cells: [Cell]

    private struct Cell {
        var dots: UInt8 = 0
        var line = 0
    }

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = [Cell](repeating: Cell(), count: columns * rows)
    }

    var width: Int { columns * 2 }
    var height: Int { rows * 4 }

    /// The bits of Unicode's braille patterns, by row and column.
    private static let bits: [[UInt8]] = [
        [0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80],
    ]

    /// Sets a dot, counted from the left and from the top. Dots outside are left out.
    mutating func set(x: Int, y: Int, line: Int) {
        guard x >= 0, x < width, y >= 0, y < height else { return }
        let index = y / 4 * columns + x / 2
        cells[index].dots |= Self.bits[y % 4][x % 2]
        cells[index].line = line
    }

    /// Sets all dots from one to another.
    mutating func connect(
        _ from: (x: Int, y: Int), _ to: (x: Int, y: Int), line: Int
    ) {
        let steps = max(abs(to.x - from.x), abs(to.y - from.y))
        guard steps > 0 else {
            set(x: from.x, y: from.y, line: line)
            return
        }
        for step in 0...steps {
            let part = Double(step) / Double(steps)
            set(
                x: from.x + Int((Double(to.x - from.x) * part).rounded()),
                y: from.y + Int((Double(to.y - from.y) * part).rounded()), line: line)
        }
    }

    /// The letters of a row, with the line of each; nil where nothing is drawn.
    func row(_ row: Int) -> [(letter: Character, line: Int)?] {
        cells[row * columns..<(row + 1) * columns].map { cell in
            guard cell.dots != 0, let scalar = Unicode.Scalar(0x2800 + UInt32(cell.dots)) else {
                return nil
            }
            return (Character(scalar), cell.line)
        }
    }
}
