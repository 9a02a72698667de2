// The first file to read in HTTPAPI: the gateway's HTTP server. A connection
// (`WatchedHTTP1Channel`) gives requests to the `Responder`, which finds the route (`Routes`: the
// table), asks its handler and sends the answer. The module never computes an answer: it reads
// parameters, asks Federation, and knows which error is which status (`ErrorResponse`).

import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
package import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The server as a service: it listens while it runs, and on a graceful shutdown it answers what it
/// was asked. Without `access` it answers everybody everything. `onServerRunning` is told the port
/// that it listens at. `run` throws `ListenFailure`.
package func makeServer(
    settings: HTTPAPISettings, dependencies: HTTPAPIDependencies, access: HTTPAPIAccess? = nil,
    onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) -> some Service {
    Server(
        settings: settings, dependencies: dependencies, access: access,
        onServerRunning: onServerRunning)
}

private struct Server: Service {
    let settings: HTTPAPISettings
    let dependencies: HTTPAPIDependencies
    let access: HTTPAPIAccess?
    let onServerRunning: @Sendable (Int) async -> Void

    func run() async throws {
        let responder = Responder(
            settings: settings, dependencies: dependencies, access: access)
        let onServerRunning = onServerRunning
        // Hummingbird's own lines are about sockets; what matters of them is said here.
        var logger = dependencies.logger
        logger.logLevel = max(logger.logLevel, .warning)
        let channel = WatchedHTTP1Channel(limits: settings.limits) { request, writer, presence in
            try await responder.respond(to: request, writer, presence)
        }
        let server = channel.server(
            configuration: ServerConfiguration(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: .maximum(
                    settings.limits.connections, logger: logger)),
            onServerRunning: { channel in
                await onServerRunning(channel.localAddress?.port ?? 0)
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        do {
            try await server.run()
        } catch let error as CancellationError {
            throw error
        } catch let error as IOError {
            throw failure(String(cString: strerror(error.errnoCode)))
        } catch is SocketAddressError.UnknownHost {
            throw failure("unknown host")
        } catch {
            // A server fails in no other way than by not listening.
            throw failure("\(error)")
        }
    }

    private func failure(_ reason: String) -> ListenFailure {
        ListenFailure(
            host: settings.host, port: settings.port,
            reason: reason.prefix(1).lowercased() + reason.dropFirst())
    }
}

/// Why the server cannot listen.
package struct ListenFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int
    /// In the system's words: `address already in use`.
    package var reason: String

    package var description: String {
        let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        return "cannot listen on \(address): \(reason)"
    }
}
