import HTTPTypes
import Hummingbird

/// `/mesh/truth?start=…&end=…`: what calls were really made between two times, Unix seconds; in the
/// last five minutes where nothing is said. No gateway may know it.
struct MeshTruthRoutes: Sendable {
    var truth: MeshTruth

    func add(to router: Router<BasicRequestContext>) {
        router.get("mesh/truth") { request, _ in answer(request.uri.query ?? "") }
    }

    private func answer(_ query: String) -> Response {
        let parameters = JaegerParameters(query: query)
        func time(_ name: String, standard: Double) -> Double? {
            let text = parameters.text(name)
            return text.isEmpty ? standard : Double(text).flatMap { $0.isFinite ? $0 : nil }
        }
        guard let end = time("end", standard: Double(currentTime()) / 1000),
            let start = time("start", standard: end - 300), start <= end
        else {
            return Response(
                status: .badRequest, headers: [.contentType: "text/plain; charset=utf-8"],
                body: ResponseBody(
                    byteBuffer: ByteBuffer(
                        string: "start and end are Unix seconds, and start is not after end.\n")))
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(
                byteBuffer: ByteBuffer(bytes: truth.text(from: start, to: end).bytes)))
    }
}
