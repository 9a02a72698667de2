import Clusters
import Federation
import ServiceGraph
import Testing

@Suite("Answers about meshes")
struct MeshAnswerTests {
    @Test("An answer keeps what is missing beside its value")
    func keepsCoverage() {
        var coverage = Coverage()
        coverage.missing = [
            Coverage.Missing(cluster: ClusterID("eu-1"), cause: "connection", message: "refused")
        ]
        let answer = MeshAnswer(value: 1, coverage: coverage, warnings: ["half"])
        #expect(answer.coverage.missing.map(\.cluster.name) == ["eu-1"])
    }
}
