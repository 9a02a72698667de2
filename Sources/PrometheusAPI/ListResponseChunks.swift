import TimeSeries

/// The bytes of an answer that is a list of label sets (`series`) or of texts (`labels`,
/// `label/…/values`), made piece by piece as they are asked for.
public struct ListResponseChunks: Sequence, IteratorProtocol, Sendable {
    private enum Elements: Sendable {
        case labelSets([Labels], JSONText.Escaping)
        case texts([String])

        var count: Int {
            switch self {
            case .labelSets(let sets, _): sets.count
            case .texts(let texts): texts.count
            }
        }
    }

    private let elements: Elements
    private let annotations: Annotations
    private let chunkSize: Int
    private var index = 0
    private var isBegun = false
    private var isDone = false

    public init(
        labelSets: [Labels], annotations: Annotations = Annotations(),
        labelEscaping: JSONText.Escaping = .plain, chunkSize: Int = 1 << 16
    ) {
        elements = .labelSets(labelSets, labelEscaping)
        self.annotations = annotations
        self.chunkSize = Swift.max(chunkSize, 1)
    }

    public init(
        texts: [String], annotations: Annotations = Annotations(), chunkSize: Int = 1 << 16
    ) {
        elements = .texts(texts)
        self.annotations = annotations
        self.chunkSize = Swift.max(chunkSize, 1)
    }

    /// The next piece; nil after the last.
    public mutating func next() -> [UInt8]? {
        if isDone { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Swift.min(chunkSize, 1 << 16) + 1024)
        if !isBegun {
            bytes.append(contentsOf: #"{"status":"success","data":["#.utf8)
            isBegun = true
        }
        while index < elements.count, bytes.count < chunkSize {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            switch elements {
            case .labelSets(let sets, let escaping):
                ResponseText.append(sets[index], escaping: escaping, to: &bytes)
            case .texts(let texts): JSONText.append(texts[index], to: &bytes)
            }
            index += 1
        }
        if index == elements.count {
            bytes.append(UInt8(ascii: "]"))
            ResponseText.append(annotations, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
            isDone = true
        }
        return bytes
    }
}
