import CFuzzer
import Foundation
import Verification

/// Reads any bytes as what `ISTHMUS_FUZZ` names: an answer of a cluster, a request's parameters, a
/// cluster's file, entries of a store, or a message of remote write.
@main
enum FuzzWire {
    static func main() {
        guard
            let kind = WireFuzz(rawValue: ProcessInfo.processInfo.environment["ISTHMUS_FUZZ"] ?? "")
        else { fatalError("ISTHMUS_FUZZ is none of \(WireFuzz.allCases.map(\.rawValue))") }
        Self.kind = kind
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        LLVMFuzzerRunDriver(&count, &arguments) { data, size in
            let bytes = Array(UnsafeBufferPointer(start: data, count: size))
            if let fault = FuzzWire.fault(of: bytes) { fatalError(fault.debugDescription) }
            return 0
        }
    }

    /// Set once, before the fuzzer begins.
    nonisolated(unsafe) private static var kind = WireFuzz.answers

    private static func fault(of bytes: [UInt8]) -> String? {
        if let fault = kind.fault(of: bytes) { return fault }
        guard kind == .parameters else { return nil }
        // The form as the server reads it, percent signs and all.
        let form = FormValues(body: bytes.prefix(bytes.count / 2), query: bytes)
        if let fault = WireFuzz.faultOfParameters({ form[$0] }) { return fault }
        for name in form.names {
            let text = PercentEncoding.encoded(name)
            guard case .success(let decoded) = PercentEncoding.decoded(text.utf8, isForm: true),
                decoded == Array(name.utf8)
            else { return "\(name.debugDescription) is encoded as \(text)" }
        }
        return nil
    }
}
