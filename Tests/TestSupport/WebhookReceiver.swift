import Foundation

/// What an Alertmanager posts its notifications to. It keeps them all, in order.
package final class WebhookReceiver: Sendable {
    private let server: FaultServer

    package init() throws {
        server = try FaultServer { _ in .answer() }
    }

    package var url: String { server.url + "/hook" }

    package func stop() { server.stop() }

    /// One notification: a group of alerts.
    package struct Notification: Decodable, Hashable, Sendable {
        /// `firing` while one of the alerts fires, else `resolved`.
        package var status: String
        package var alerts: [Alert]
    }

    package struct Alert: Decodable, Hashable, Sendable {
        package var status: String
        package var labels: [String: String]
        package var annotations: [String: String]
        package var startsAt: String
        package var endsAt: String
        package var generatorURL: String
    }

    /// All so far.
    package var notifications: [Notification] { Self.notifications(in: server.facts) }

    private static func notifications(in facts: FaultServer.Facts) -> [Notification] {
        facts.requests.compactMap {
            try? JSONDecoder().decode(Notification.self, from: Data($0.body))
        }
    }

    /// Waits until the notifications so far satisfy `condition`.
    @discardableResult
    package func wait(
        until condition: @escaping @Sendable ([Notification]) -> Bool
    ) async -> [Notification] {
        await server.wait { condition(Self.notifications(in: $0)) }
        return notifications
    }

    /// Waits until an alert of this name was told of in this state.
    package func wait(for name: String, toBe status: String) async {
        await wait { notifications in
            notifications.contains { notification in
                notification.alerts.contains {
                    $0.labels["alertname"] == name && $0.status == status
                }
            }
        }
    }
}
