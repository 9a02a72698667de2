import CFuzzer
import Verification

/// Plans and computes any query over a small data set, whole and dealt over clusters: no trap, and
/// the answers agree.
@main
enum FuzzQuery {
    private static let fuzz = QueryFuzz()

    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        LLVMFuzzerRunDriver(&count, &arguments) { data, size in
            if let fault = FuzzQuery.fuzz.fault(
                of: Array(UnsafeBufferPointer(start: data, count: size)))
            {
                fatalError(fault.debugDescription)
            }
            return 0
        }
    }
}
