import CHiredis

/// What the server answers.
indirect enum RedisReply: Hashable, Sendable {
    case bytes([UInt8])
    case status(String)
    case integer(Int)
    case null
    case array([RedisReply])
    case refusal(ServerRefusal, String)

    /// What an answer must look like. A refusal is an answer to anything.
    enum Shape: Hashable, Sendable {
        case status
        case statusOrNull
        case integer
        case bytesOrNull
        /// What a script answers that stores, or says why not.
        case integerBytesOrNull
        /// So many texts or nulls.
        case values(Int)
        /// A cursor and a list of keys.
        case cursorAndKeys
    }

    /// Copies the reply. hiredis limits how deep arrays lie in one another.
    init?(_ reply: UnsafePointer<redisReply>) {
        let length = reply.pointee.len
        func bytes() -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(start: reply.pointee.str, count: length)
        }
        switch reply.pointee.type {
        case REDIS_REPLY_STRING: self = .bytes([UInt8](bytes()))
        case REDIS_REPLY_STATUS: self = .status(String(decoding: bytes(), as: UTF8.self))
        case REDIS_REPLY_INTEGER: self = .integer(Int(reply.pointee.integer))
        case REDIS_REPLY_NIL: self = .null
        case REDIS_REPLY_ERROR:
            let text = String(decoding: bytes().prefix(200), as: UTF8.self)
            self = .refusal(ServerRefusal(reply: text), text)
        case REDIS_REPLY_ARRAY:
            var elements: [RedisReply] = []
            for index in 0..<reply.pointee.elements {
                guard let element = reply.pointee.element[index], let copy = RedisReply(element)
                else { return nil }
                elements.append(copy)
            }
            self = .array(elements)
        default: return nil
        }
    }

    func has(_ shape: Shape) -> Bool {
        switch (self, shape) {
        case (.refusal, _): true
        case (.status, .status), (.status, .statusOrNull), (.null, .statusOrNull): true
        case (.integer, .integer): true
        case (.bytes, .bytesOrNull), (.null, .bytesOrNull): true
        case (.integer, .integerBytesOrNull), (.bytes, .integerBytesOrNull),
            (.null, .integerBytesOrNull):
            true
        case (.array(let elements), .values(let count)):
            elements.count == count && elements.allSatisfy { $0.has(.bytesOrNull) }
        case (.array(let elements), .cursorAndKeys):
            elements.count == 2 && elements[0].text != nil && elements[1].elements != nil
        default: false
        }
    }

    var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }

    var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    var integer: Int? { if case .integer(let number) = self { number } else { nil } }

    var elements: [RedisReply]? { if case .array(let elements) = self { elements } else { nil } }

    var failure: StorageFailure? {
        guard case .refusal(let refusal, let text) = self else { return nil }
        return StorageFailure(.refused(refusal), message: text)
    }
}
