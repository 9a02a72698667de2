import Clusters

extension UpstreamClient {
    /// What a server of a service shows when TLS begins. The connection is a new one, nothing is
    /// asked over it, and no certificate is refused: whoever looks at it judges. Our own certificate
    /// and the authorities to trust are the service's.
    package func certificates(
        cluster: ClusterID, service: Service, url: String, deadline: ContinuousClock.Instant
    ) async throws(UpstreamError) -> ShownCertificates {
        guard let address = ServiceAddress(url), address.isSecure else {
            throw UpstreamError(
                kind: .configuration, replica: ServiceAddress.shown(url),
                message: "the address is not one of https")
        }
        let question = Question(
            cluster: cluster, service: service,
            request: UpstreamRequest(
                method: .get, path: "", endpoint: "handshake", maximumBytes: 0))
        let end = min(deadline, .now.advanced(by: service.timeout))
        func order(_ handshake: TransferOrder.Handshake) -> TransferOrder {
            TransferOrder(
                address: address, service: service, target: "", body: nil, started: .now,
                deadline: end, maximumBytes: 0, handshake: handshake)
        }
        if service.tls.insecureSkipVerify {
            return try await shown(question, order(.showing)).get()
        }
        // libcurl shows no certificates of a connection that is refused, and loads no authorities
        // where none would be: of what is not trusted there is a second look.
        let first = await shown(question, order(.judging))
        guard first.verdict != 0 else { return try first.get() }
        var second = try await shown(question, order(.showing)).get()
        second.verification = first.verdict
        return second
    }

    /// What one handshake came to.
    private struct Shown {
        var result: Result<ShownCertificates, UpstreamError>
        /// Why the chain was refused, as OpenSSL says it; 0 where it was not.
        var verdict: Int

        func get() throws(UpstreamError) -> ShownCertificates { try result.get() }
    }

    private func shown(_ question: Question, _ order: TransferOrder) async -> Shown {
        let transfer = Transfer(order, loop: loop, settings: settings)
        metrics.began(question.cluster)
        loop.post(.begin(transfer))
        defer { transfer.cancel() }
        do throws(UpstreamError) {
            let shown = try await transfer.certificates()
            record(question, transfer, .shown)
            return Shown(result: .success(shown), verdict: 0)
        } catch {
            record(question, transfer, .failed(error.kind))
            return Shown(result: .failure(error), verdict: transfer.verdict)
        }
    }
}
