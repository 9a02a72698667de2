import CFuzzer
import Verification

/// Reads any bytes as an answer of a Jaeger, of both generations: no trap, mistakes told inside the
/// bytes, and what is written is read as the same.
@main
enum FuzzTraces {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        LLVMFuzzerRunDriver(&count, &arguments) { data, size in
            if let fault = TraceFuzz.fault(
                of: Array(UnsafeBufferPointer(start: data, count: size)))
            {
                fatalError(fault.debugDescription)
            }
            return 0
        }
    }
}
