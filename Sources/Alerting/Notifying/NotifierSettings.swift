import Clusters
import Rules
import TimeSeries

/// To whom alerts are sent, and how.
package struct NotifierSettings: Hashable, Sendable {
    package var alertmanagers: [AlertmanagerSettings]
    /// For all Alertmanagers; each one's own comes after it.
    package var relabelling: Relabelling
    /// Added to each alert where it has no such label: an alert's own `cluster` wins.
    package var externalLabels: Labels
    /// The address that people reach the gateway at, without a slash at the end: the links to
    /// expressions begin with it.
    package var externalURL: String
    /// How many alerts wait for each Alertmanager; more drop the oldest.
    package var queueCapacity = 10_000
    /// How many alerts a request holds at most.
    package var batchSize = 256
    package var retries = RetrySettings()
    /// How long what waits may take to be sent when the gateway stops.
    package var drainTime: Duration = .seconds(10)

    package init(
        alertmanagers: [AlertmanagerSettings] = [], relabelling: Relabelling = Relabelling(),
        externalLabels: Labels = Labels(), externalURL: String = ""
    ) {
        self.alertmanagers = alertmanagers
        self.relabelling = relabelling
        self.externalLabels = externalLabels
        var address = externalURL[...]
        while address.last == "/" { address.removeLast() }
        self.externalURL = String(address)
    }
}

/// How what could not be sent is sent again.
///
/// Prometheus drops a batch that fails and relies on the next re-send of each alert, a minute
/// later. Until then a restart of Alertmanager keeps a resolve from it. So a batch goes back to the
/// front of its queue, where newer messages about the same alerts have taken the place of older
/// ones, and is tried again, but not for longer than it takes until the alerts are re-sent anyway.
package struct RetrySettings: Hashable, Sendable {
    /// An alert that has waited for longer is dropped when sending it fails.
    package var patience: Duration = .seconds(60)
    /// The pause after a failure, which doubles with each further one.
    package var firstPause: Duration = .seconds(1)
    package var longestPause: Duration = .seconds(15)

    package init() {}

    /// The pause after so many failures in a row.
    func pause(after failures: Int) -> Duration {
        min(longestPause, firstPause * (1 << min(max(0, failures - 1), 10)))
    }
}

/// Alertmanagers that are spoken to alike; each of them gets every alert.
package struct AlertmanagerSettings: Hashable, Sendable {
    package enum Scheme: String, Hashable, Sendable, CaseIterable {
        case http, https
    }

    package var scheme: Scheme = .http
    /// What stands before `/api/v2/alerts` in the path.
    package var pathPrefix: String
    /// Hosts, with ports where they are not the scheme's.
    package var targets: [String]
    /// Where further ones are found.
    package var discovery: [NameDiscovery]
    /// How they are spoken to; `urls` is not read.
    package var connection: Clusters.Service
    /// Only for these, after what is for all.
    package var relabelling: Relabelling

    package static let standardTimeout: Duration = .seconds(10)

    package init(
        targets: [String] = [], discovery: [NameDiscovery] = [], scheme: Scheme = .http,
        pathPrefix: String = "", relabelling: Relabelling = Relabelling(),
        connection: Clusters.Service = Clusters.Service(urls: [], timeout: Self.standardTimeout)
    ) {
        self.targets = targets
        self.discovery = discovery
        self.scheme = scheme
        self.pathPrefix = pathPrefix
        self.relabelling = relabelling
        self.connection = connection
    }

    /// The service at a host and port.
    func service(at target: String) -> Clusters.Service {
        let path = pathPrefix.split(separator: "/").map { "/" + $0 }.joined()
        var service = connection
        service.urls = ["\(scheme.rawValue)://\(target)\(path)"]
        return service
    }
}

/// Names that stand for hosts and ports: `dns_sd_configs`.
package struct NameDiscovery: Hashable, Sendable {
    package enum Records: Hashable, Sendable {
        /// SRV: hosts with their ports.
        case services
        /// A: addresses of version 4, which share a port.
        case addresses4(port: Int)
        /// AAAA: addresses of version 6, which share a port.
        case addresses6(port: Int)
    }

    package var names: [String]
    package var records: Records
    package var interval: Duration = .seconds(30)

    package init(names: [String], records: Records, interval: Duration = .seconds(30)) {
        self.names = names
        self.records = records
        self.interval = interval
    }
}
