/// What kind of thing is watched; the raw value is `kind` in a cluster's `control_plane`.
public enum ControlPlaneKind: String, Hashable, Sendable, CaseIterable {
    case istiod, linkerd, consul, envoy
    /// Any URL, with an expected status and an assertion on its JSON.
    case http
    /// Any address that speaks TLS, for its certificate; nothing is asked of it.
    case tls
}
