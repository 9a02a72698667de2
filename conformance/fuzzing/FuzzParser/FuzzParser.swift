import CFuzzer
import Verification

/// Reads any bytes as a query: no trap, mistakes told inside the text, and what is printed is read
/// as the same.
@main
enum FuzzParser {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        LLVMFuzzerRunDriver(&count, &arguments) { data, size in
            if let fault = ParserFuzz.fault(
                of: Array(UnsafeBufferPointer(start: data, count: size)))
            {
                fatalError(fault.debugDescription)
            }
            return 0
        }
    }
}
