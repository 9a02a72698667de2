import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes

/// Hummingbird's HTTP/1.1 connection, and with it whether its client is still there: a client that
/// leaves while its query runs is noticed at once, and the connection can be kept for further
/// requests when it does not.
struct WatchedHTTP1Channel: ServerChildChannel {
    typealias Respond =
        @Sendable (Request, consuming ResponseWriter, ClientPresence) async throws -> Void

    let limits: HTTPAPISettings.Limits
    let respond: Respond

    struct Value: ServerChildChannelValue {
        let http: HTTP1Channel
        let connection: HTTP1Channel.Value
        var channel: any Channel { connection.channel }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let presence = ClientPresence(address: channel.remoteAddress?.ipAddress)
        let sendTimeout = TimeAmount(limits.sendTimeout)
        let wholeTimeout = TimeAmount(limits.wholeSendTimeout)
        let respond = respond
        let http = HTTP1Channel(
            responder: { request, writer, _ in try await respond(request, writer, presence) },
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    IdleStateHandler(writeTimeout: sendTimeout),
                    PresenceHandler(
                        presence: presence, timeout: sendTimeout, wholeTimeout: wholeTimeout),
                ],
                idleTimeout: TimeAmount(limits.idleTimeout)))
        return http.setup(channel: channel, logger: logger)
            .map { Value(http: http, connection: $0) }
    }

    func handle(value: Value, logger: Logger) async {
        await value.http.handle(value: value.connection, logger: logger)
    }
}

/// Tells the connection's `ClientPresence` when the client leaves, and closes the connection of a
/// client that takes nothing of its answer for too long, or too long for all of it.
private final class PresenceHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let presence: ClientPresence
    private let timeout: TimeAmount
    /// Since when an answer has been on its way; nil while none is, or is only being made.
    private var sendingSince: NIODeadline?
    private let wholeTimeout: TimeAmount
    /// Ends an answer that takes too long; only answers in several pieces have one.
    private var end: Scheduled<Void>?

    init(presence: ClientPresence, timeout: TimeAmount, wholeTimeout: TimeAmount) {
        self.presence = presence
        self.timeout = timeout
        self.wholeTimeout = wholeTimeout
    }

    func channelInactive(context: ChannelHandlerContext) {
        presence.leave()
        end?.cancel()
        end = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        presence.leave()
        context.fireErrorCaught(error)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: presence.leave()
        case IdleStateHandler.IdleStateEvent.write:
            // Nothing was sent for a while, which counts from the answer's beginning on.
            if let sendingSince, .now() - sendingSince >= timeout {
                context.close(promise: nil)
            }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        switch unwrapOutboundIn(data) {
        case .head:
            if sendingSince == nil { sendingSince = .now() }
            context.write(data, promise: promise)
        case .body:
            if sendingSince == nil { sendingSince = .now() }
            if end == nil {
                let channel = context.channel
                end = context.eventLoop.scheduleTask(in: wholeTimeout) {
                    channel.close(promise: nil)
                }
            }
            context.write(data, promise: promise)
        case .end:
            // The end is sent when all before it is.
            let sent = promise ?? context.eventLoop.makePromise()
            let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
            sent.futureResult.whenComplete { _ in
                handler.value.sendingSince = nil
                handler.value.end?.cancel()
                handler.value.end = nil
            }
            context.write(data, promise: sent)
        }
    }
}
