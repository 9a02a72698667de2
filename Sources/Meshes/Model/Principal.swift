/// Who somebody is by a certificate.
public enum Principal {
    /// `cluster.local` of `spiffe://cluster.local/ns/shop/sa/cart`; nil of other names.
    public static func trustDomain(of principal: String) -> String? {
        let scheme = "spiffe://"
        guard principal.hasPrefix(scheme) else { return nil }
        let domain = principal.dropFirst(scheme.count).prefix { $0 != "/" }
        return domain.isEmpty ? nil : String(domain)
    }
}
