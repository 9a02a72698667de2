import Spans

extension [TraceSearch.Tag] {
    /// An object of texts in their order: how both generations' parameters have tags.
    public var json: String {
        var json = JSONBytes()
        json.begin("{")
        for tag in self {
            json.name(tag.key)
            json.string(tag.value)
        }
        json.end("}")
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
