import CCompression
import CDashboard
import HTTPTypes
import Synchronization

/// The files of the page, which are part of the program.
struct PageFiles: Sendable {
    private let files: [String: PageFile]

    /// Those that the program was built with.
    init() {
        var count = 0
        let first = dashboard_files(&count)
        var files: [String: PageFile] = [:]
        for file in UnsafeBufferPointer(start: first, count: count) {
            let bytes = UnsafeBufferPointer(start: file.bytes, count: file.size)
            files[String(cString: file.path)] = PageFile(
                Array(bytes), type: .init(rawValue: String(cString: file.media_type)))
        }
        self.files = files
    }

    /// The file at a path: `/page/app.js`.
    subscript(_ path: String) -> PageFile? { files[path] }
}

/// One file, and what becomes of it when it is compressed, which is done once.
final class PageFile: Sendable {
    let bytes: [UInt8]
    let type: Answer.ContentType
    /// As the header `ETag` has it. It is a weak one, because it stands for the compressed forms
    /// too.
    let entityTag: String
    private let compressed = Mutex<[ContentCoding: [UInt8]]>([:])

    /// As small as can be had in a tenth of a second: it is done once, and sent often.
    private static let levels: [ContentCoding: Int32] = [.gzip: 9, .zstd: 15]

    init(_ bytes: [UInt8], type: Answer.ContentType) {
        self.bytes = bytes
        self.type = type
        let sum = bytes.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
        entityTag = "W/\"\(String(sum, radix: 16))-\(String(bytes.count, radix: 16))\""
    }

    /// The file in the coding; nil where it is sent as it is.
    func bytes(in coding: ContentCoding) -> [UInt8]? {
        guard let level = Self.levels[coding] else { return nil }
        return compressed.withLock { compressed in
            if let known = compressed[coding] { return known }
            var output: [UInt8] = []
            guard let compressor = Compressor(coding, level: level),
                compressor.compress(bytes, isLast: true, to: &output)
            else { return nil }
            compressed[coding] = output
            return output
        }
    }

    /// Whether the tags of `If-None-Match` have the file's among them: the client holds it already.
    func isHeld(by tags: [String]) -> Bool {
        tags.flatMap { $0.split(separator: ",") }
            .contains { tag in
                let tag = tag.drop { $0 == " " }.prefix { $0 != " " }
                return tag == "*" || Self.opaque(tag) == Self.opaque(entityTag[...])
            }
    }

    /// The tag without the mark of weak ones.
    private static func opaque(_ tag: Substring) -> Substring {
        tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
    }
}
