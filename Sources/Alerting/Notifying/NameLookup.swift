import CResolver
import Dispatch
import Glibc
import Storage

/// A name that is looked up again and again.
package struct NameQuestion: Hashable, Sendable {
    package var name: String
    package var records: NameDiscovery.Records
    package var interval: Duration

    package init(
        name: String, records: NameDiscovery.Records, interval: Duration = .seconds(30)
    ) {
        self.name = name
        self.records = records
        self.interval = interval
    }
}

/// Finds the hosts and ports that names stand for.
package struct NameLookup: Sendable {
    /// Why nobody knows what a name stands for.
    package struct Problem: Error, Hashable, Sendable {
        package var words: String
    }

    /// The port of a name server at 127.0.0.1 to ask for services; nil for the system's.
    private let serverPort: UInt16?

    /// Asks whom the system asks.
    package static let system = NameLookup(serverPort: nil)

    package init(serverPort: UInt16?) { self.serverPort = serverPort }

    /// `host:port` each, sorted, as servers give them in changing order. None where the name is
    /// known not to stand for any.
    package func addresses(_ question: NameQuestion) async throws(Problem) -> [String] {
        let handover = Handover<Result<[String], Problem>>()
        // It blocks for as long as the resolver takes, which a cancelled task does not wait for.
        DispatchQueue.global().async {
            handover.give(self.found(question))
        }
        let result = await handover.value(ifCancelled: .failure(Problem(words: "cancelled")))
        return try result.get().sorted()
    }

    // MARK: What blocks

    private func found(_ question: NameQuestion) -> Result<[String], Problem> {
        switch question.records {
        case .services: services(question.name)
        case .addresses4(let port): Self.hosts(question.name, AF_INET, port)
        case .addresses6(let port): Self.hosts(question.name, AF_INET6, port)
        }
    }

    private func services(_ name: String) -> Result<[String], Problem> {
        // The longest message that there is.
        var answer = [UInt8](repeating: 0, count: 65_535)
        let length = Int(
            isthmus_resolver_ask(
                name, Int32(ServiceRecords.recordType), serverPort ?? 0, &answer, answer.count))
        guard length >= 0 else {
            return length == Int(ISTHMUS_RESOLVER_NOTHING)
                ? .success([]) : .failure(Problem(words: "no name server gives an answer"))
        }
        guard let records = ServiceRecords(Array(answer.prefix(length))) else {
            return .failure(Problem(words: "the name server's answer is not one of DNS"))
        }
        return .success(records.addresses)
    }

    private static func hosts(
        _ name: String, _ family: Int32, _ port: Int
    ) -> Result<[String], Problem> {
        var hints = addrinfo()
        hints.ai_family = family
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &first)
        // There is no such name, or it has no such addresses.
        if code == EAI_NONAME || code == -5 { return .success([]) }
        guard code == 0 else {
            return .failure(Problem(words: String(cString: gai_strerror(code))))
        }
        defer { freeaddrinfo(first) }
        var found: [String] = []
        var next = first
        while let entry = next {
            if let host = host(entry.pointee) {
                let address = family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
                if !found.contains(address) { found.append(address) }
            }
            next = entry.pointee.ai_next
        }
        return .success(found)
    }

    private static func host(_ entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = getnameinfo(
            entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard code == 0 else { return nil }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
