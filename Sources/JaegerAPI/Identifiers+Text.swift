import Spans

extension TraceID {
    /// 32 lower-case hexadecimal digits, as API v3 and OTLP write it.
    public var hexadecimal: String { high.hexadecimal + low.hexadecimal }
}

extension SpanID {
    /// 16 lower-case hexadecimal digits.
    public var hexadecimal: String { rawValue.hexadecimal }
}

extension UInt64 {
    /// 16 lower-case hexadecimal digits.
    fileprivate var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
