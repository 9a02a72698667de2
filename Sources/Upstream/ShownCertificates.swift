import CCurl
import Clusters

/// What a server shows of itself when TLS begins, whether one would trust it or not.
package struct ShownCertificates: Hashable, Sendable {
    /// Each certificate, the server's own first, in lines of a name, a colon and a value.
    package var chain: [[String]]
    /// OpenSSL's verdict of the chain: 0 where it leads to an authority that is trusted. It says
    /// nothing of names. Nil where the service trusts any.
    package var verification: Int?
    /// The name that was asked for.
    package var host: String

    /// Of a transfer whose handshake is over.
    init(_ handle: UnsafeMutableRawPointer, _ order: TransferOrder) {
        chain = []
        verification = order.handshake == .judging ? 0 : nil
        let name = order.service.tls.serverName ?? ""
        host = name.isEmpty ? order.address.host.filter { $0 != "[" && $0 != "]" } : name
        guard let shown = isthmus_curl_certificates(handle)?.pointee else { return }
        for place in 0..<Int(max(0, shown.num_of_certs)) {
            var lines: [String] = []
            var entry = shown.certinfo[place]
            while let line = entry {
                if let text = line.pointee.data { lines.append(String(cString: text)) }
                entry = line.pointee.next
            }
            chain.append(lines)
        }
    }
}
