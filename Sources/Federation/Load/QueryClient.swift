/// Whose query it is, for whoever shares something fairly among clients.
package enum QueryClient {
    /// A name that is the same for all requests of one client; nil for the gateway's own queries,
    /// which wait for nobody.
    @TaskLocal package static var current: String?
}
