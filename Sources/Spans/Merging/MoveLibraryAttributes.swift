/// Moves what spans say of the recording library to their resource, where clients show it, as Jaeger
/// does (`adjuster/libraryattributes.go`). A span that contradicts its resource keeps the attribute
/// and says so.
@Sendable func moveLibraryAttributes(_ trace: inout MergingTrace) {
    for index in trace.spans.indices
    where trace.spans[index].attributes.contains(where: { $0.isAboutLibrary }) {
        let resource = Int(trace.resourceOfSpan[index])
        for attribute in trace.spans[index].attributes where attribute.isAboutLibrary {
            switch (trace.resources[resource].attributes[attribute.key], attribute.value) {
            case (nil, _): trace.resources[resource].attributes.append(attribute)
            case (.string(let known), .string(let value)) where known == value: break
            default:
                trace.spans[index].warn(JaegerWarning.conflict(attribute.key))
                continue
            }
            trace.spans[index].attributes.removeAll { $0 == attribute }
        }
    }
}

extension Attribute {
    fileprivate var isAboutLibrary: Bool {
        guard key.utf8.first == UInt8(ascii: "t") else { return false }
        return switch key {
        case "telemetry.sdk.language", "telemetry.sdk.name", "telemetry.sdk.version",
            "telemetry.distro.name", "telemetry.distro.version":
            true
        default: false
        }
    }
}
