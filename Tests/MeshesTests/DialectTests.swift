import Meshes
import Testing

@Suite("Dialects")
struct DialectTests {
    @Test("A dialect is found by the name that configuration gives it")
    func isFoundByItsName() {
        #expect(Dialect(rawValue: "service-graph") == .serviceGraph)
        #expect(Dialect(rawValue: "esperanto") == nil)
    }
}
