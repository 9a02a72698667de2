import Clusters
import Testing
import TimeSeries

@Suite struct InventoryReaderTests {
    private static let small: ConfigurationNode = [
        "cluster": "eu-1", "prometheus": ["urls": ["http://prom:9090"]],
    ]

    @Test func theSmallestFileIsANameAndAnAddress() throws {
        let reading = reading(Self.small)
        #expect(reading.mistakes.isEmpty)
        let cluster = try #require(reading.clusters.first)
        #expect(cluster.id.name == "eu-1")
        #expect(cluster.externalLabels == ["cluster": "eu-1"])
        #expect(cluster.prometheus == Service(urls: ["http://prom:9090"], timeout: .seconds(30)))
        #expect(cluster.jaeger == nil)
        #expect(cluster.retention == nil)
    }

    @Test func aFullFileIsReadWhole() throws {
        let reading = reading([
            "cluster": "eu-1", "external_labels": ["region": "eu", "tier": "1", "ort.ä": "x"],
            "prometheus": [
                "urls": ["https://a:9090/prom/", "https://[::1]:9090"], "timeout": "1m30s",
                "tls_config": [
                    "ca_file": "ca.pem", "cert_file": "/abs/cert.pem", "key_file": "../key.pem",
                    "server_name": "prom", "insecure_skip_verify": "true",
                ],
                "basic_auth": ["username": "u", "password_file": "pw"],
                "headers": ["X-Scope-OrgID": "tenant-1"], "proxy_url": "http://u:p@proxy:3128",
            ],
            "jaeger": [
                "url": "http://jaeger/", "authorization": ["credentials": "token"],
                "generation": "v1",
            ],
            "retention": "15d", "freshness": "5m", "replica_labels": ["replica"],
            "dialect": "auto", "maintenance": "false",
            "control_plane": [["kind": "istiod", "urls": ["http://istiod:15014"]]],
        ])
        #expect(reading.mistakes.isEmpty)
        let cluster = try #require(reading.clusters.first)
        #expect(
            cluster.externalLabels
                == ["cluster": "eu-1", "region": "eu", "tier": "1", "ort.ä": "x"])
        #expect(
            cluster.prometheus
                == Service(
                    urls: ["https://a:9090/prom", "https://[::1]:9090"], timeout: .seconds(90),
                    tls: TLS(
                        caFile: "etc/ca.pem", certFile: "/abs/cert.pem",
                        keyFile: "etc/../key.pem", serverName: "prom", insecureSkipVerify: true),
                    authorization: .basic(username: "u", password: .file("etc/pw")),
                    headers: [.init(name: "X-Scope-OrgID", value: "tenant-1")],
                    proxyURL: "http://u:p@proxy:3128"))
        #expect(
            cluster.jaeger
                == Service(
                    urls: ["http://jaeger"],
                    authorization: .credentials(type: "Bearer", .text("token"))))
        #expect(cluster.jaegerGeneration == .v1)
        #expect(cluster.retention == .seconds(15 * 86_400))
        #expect(
            reading.references.map(\.path) == [
                "etc/pw", "etc/ca.pem", "/abs/cert.pem", "etc/../key.pem",
            ])
        #expect(reading.references.first?.line == 19)
    }

    /// A file beside the smallest one, and what is said of it: line, key, problem.
    struct Mistake: Sendable, CustomTestStringConvertible {
        var tree: ConfigurationNode
        var said: [String]

        init(_ tree: ConfigurationNode, _ said: String...) {
            self.tree = tree
            self.said = said
        }

        var testDescription: String { said.first ?? "" }
    }

    /// Further keys of the file; they begin in line 5.
    private static let furtherKeys: [Mistake] = [
        .init(["cluster": "eu-2"], "5: cluster: duplicate key, first in line 1"),
        .init(["retenton": "1d"], "5: retenton: unknown key; did you mean retention?"),
        .init(["Retention": "1d"], "5: Retention: unknown key; did you mean retention?"),
        .init(
            ["a\nb": "1"],
            "5: \"a\\nb\": unknown key; known here: cluster, external_labels, prometheus, jaeger, "
                + "retention, freshness, replica_labels, dialect, maintenance, control_plane, mesh"),
        .init(
            ["retention": "15"],
            "5: retention: a duration (30s, 1m30s, 15d) is expected, found \"15\""),
        .init(
            ["retention": ["1d"]],
            "5: retention: a duration (30s, 1m30s, 15d) is expected, found a list"),
        .init(
            ["retention": nil],
            "5: retention: a duration (30s, 1m30s, 15d) is expected, found nothing"),
        .init(["retention": "0s"], "5: retention: must be longer than 0s"),
        .init(
            ["external_labels": "eu"],
            "5: external_labels: a mapping of names to texts is expected, found a text"),
        .init(
            ["external_labels": ["region": nil, "a": ["b"], "a": "c"]],
            "6: external_labels.region: a text is expected, found nothing",
            "7: external_labels.a: a text is expected, found a list"),
        .init(
            ["external_labels": ["a": "b", "a": "c"]],
            "7: external_labels.a: duplicate key, first in line 6"),
        .init(
            ["external_labels": ["cluster": "us"]],
            "6: external_labels.cluster: must be the name of the cluster, \"eu-1\"; it need not be "
                + "here"),
        .init(["external_labels": ["cluster": "eu-1"]]),
        .init(
            ["external_labels": ["__name__": "x", "region": .quoted("")]],
            "6: external_labels.__name__: names that begin with __ are Prometheus's own",
            "7: external_labels.region: an empty value is no label; remove it or give it one"),
        .init(["external_labels": nil]),
        .init(
            ["jaeger": nil],
            "5: jaeger.url: required key is missing: a URL (http://, https://) "
                + "is expected"),
        .init(
            ["jaeger": ["urls": []]],
            "5: jaeger.url: required key is missing: a URL (http://, https://) is expected",
            "6: jaeger.urls: unknown key; did you mean url?"),
        .init(
            ["jaeger": ["url": "http://j", "generation": "v2"]],
            "7: jaeger.generation: one of auto, v1, v3 is expected, found \"v2\""),
        .init(["jaeger": ["url": "http://j", "generation": "auto"]]),
        .init(
            ["dialect": "thanos"],
            "5: dialect: one of auto, prometheus-2, prometheus-3 is expected, found \"thanos\""),
        .init(
            ["replica_labels": ["__x", "replica"]],
            "6: replica_labels: names that begin with __ are Prometheus's own"),
        .init(
            ["maintenance": .quoted("true")],
            "5: maintenance: true or false is expected, found \"true\""),
        .init(["maintenance": "yes"], "5: maintenance: true or false is expected, found \"yes\""),
        .init(
            ["control_plane": ["istiod"]],
            "6: control_plane[0]: a section is expected, found a text"),
    ]

    /// One element of `control_plane`, from the file's line 6 on, and what is said of it.
    private static let endpoints: [Mistake] = [
        .init(["kind": "istiod", "urls": ["http://a:8080", "http://b:8080"]]),
        .init(
            ["kind": "istio", "urls": ["http://a"]],
            "7: control_plane[0].kind: one of istiod, linkerd, consul, envoy, http, tls is expected, "
                + "found \"istio\""),
        .init(
            ["urls": ["http://a"]],
            "6: control_plane[0].kind: required key is missing: one of istiod, linkerd, consul, "
                + "envoy, http, tls is expected"),
        .init(
            ["kind": "consul"],
            "6: control_plane[0].urls: required key is missing: a list, each a URL (http://, "
                + "https://) is expected"),
        .init(
            ["kind": "consul", "urls": ["http://a", "http://a"]],
            "10: control_plane[0].urls: http://a is there twice"),
        .init(
            ["kind": "consul", "url": "http://a", "urls": ["http://b"]],
            "8: control_plane[0].url: unknown key; did you mean urls?"),
        .init(
            ["kind": "envoy", "urls": ["http://a"], "interval": "0s", "timeout": "0s"],
            "10: control_plane[0].interval: must be longer than 0s",
            "11: control_plane[0].timeout: must be longer than 0s"),
        .init(
            ["kind": "envoy", "urls": ["http://a"], "status": "200", "value": "true"],
            "10: control_plane[0].status: only with kind: http; envoy knows what is well",
            "11: control_plane[0].value: only with kind: http; envoy knows what is well",
            "11: control_plane[0].value: pointer is missing: where is it to stand?"),
        .init(
            ["kind": "http", "urls": ["http://a"], "status": "700", "pointer": "status"],
            "10: control_plane[0].status: a status is from 100 to 599",
            "11: control_plane[0].pointer: a JSON pointer is empty or begins with /; ~ is written "
                + "~0, and / in a name ~1"),
        .init(
            ["kind": "http", "urls": ["http://a"], "pointer": "/a~2"],
            "10: control_plane[0].pointer: a JSON pointer is empty or begins with /; ~ is written "
                + "~0, and / in a name ~1"),
        .init(
            ["kind": "tls", "urls": ["https://a:443", "http://b"]],
            "10: control_plane[0].urls: tls looks at certificates: https:// is expected"),
        .init(
            ["kind": "istiod", "urls": ["http://a"], "basic_auth": ["username": "u"]],
            "10: control_plane[0].basic_auth: password or password_file is missing"),
    ]

    @Test(arguments: endpoints)
    func aMistakeInAnEndpointIsSaidWithItsPlaceInTheList(_ mistake: Mistake) {
        let list = ConfigurationNode(.sequence([mistake.tree]), place: .nowhere)
        let reading = reading(Self.small + ["control_plane": list])
        #expect(reading.mistakes.map(\.description) == mistake.said.map { "a.yaml:" + $0 })
    }

    @Test func oneAddressIsOneThingOnce() {
        let reading = reading(
            Self.small + [
                "control_plane": [
                    ["kind": "http", "urls": ["http://a"]],
                    ["kind": "http", "urls": ["http://a"], "component": "other"],
                    ["kind": "http", "urls": ["http://b", "http://a"]],
                ]
            ])
        #expect(
            reading.mistakes.map(\.description) == [
                "a.yaml:19: control_plane[2].urls: http://a is there twice, as http of the same "
                    + "component"
            ])
    }

    @Test func anEndpointHasAllThatItsFileSays() throws {
        let reading = reading(
            Self.small + [
                "control_plane": [
                    [
                        "kind": "http", "component": "gate", "urls": ["https://a:8443/x/"],
                        "interval": "30s", "timeout": "2s", "status": "204", "pointer": "",
                        "value": "true", "tls_config": ["server_name": "gate"],
                        "authorization": ["credentials_file": "token"],
                    ],
                    ["kind": "consul", "urls": ["http://b", "http://c"]],
                ]
            ])
        #expect(reading.mistakes.isEmpty)
        let endpoints = try #require(reading.clusters.first).controlPlane
        #expect(
            endpoints == [
                ControlPlaneEndpoint(
                    kind: .http, component: "gate",
                    service: Service(
                        urls: ["https://a:8443/x"], timeout: .seconds(2),
                        tls: TLS(serverName: "gate"),
                        authorization: .credentials(type: "Bearer", .file("etc/token"))),
                    interval: .seconds(30), timeout: .seconds(2), status: 204,
                    pointer: JSONPointer(""), value: "true"),
                ControlPlaneEndpoint(
                    kind: .consul,
                    service: Service(urls: ["http://b", "http://c"], timeout: .seconds(5))),
            ])
        #expect(reading.references.map(\.path) == ["etc/token"])
    }

    @Test(arguments: [(nil, false), ("false", false), ("true", true)])
    func aClusterIsUnderMaintenanceWhereItsFileSaysSo(_ text: String?, _ isAway: Bool) throws {
        let key: ConfigurationNode? = text.map { ["maintenance": .init(stringLiteral: $0)] }
        let reading = reading(key.map { Self.small + $0 } ?? Self.small)
        #expect(reading.mistakes.isEmpty)
        #expect(reading.clusters.map(\.maintenance) == [isAway])
    }

    @Test(arguments: furtherKeys)
    func aMistakeIsSaidWithLineAndKey(_ mistake: Mistake) {
        let reading = reading(Self.small + mistake.tree)
        #expect(reading.mistakes.map(\.description) == mistake.said.map { "a.yaml:" + $0 })
    }

    /// Further keys of the service, in the file's line 5 and on.
    private static let serviceKeys: [Mistake] = [
        .init(["timeout": "0s"], "5: prometheus.timeout: must be longer than 0s"),
        .init(["url": "http://x"], "5: prometheus.url: unknown key; did you mean urls?"),
        .init(
            ["tls_config.ca_file": "x"],
            "5: prometheus.tls_config.ca_file: unknown key; did you mean tls_config?"),
        .init(
            ["tls_config": ["cert_file": "c"]],
            "6: prometheus.tls_config.cert_file: key_file is missing: the two belong together"),
        .init(
            ["tls_config": ["key_file": "k"]],
            "6: prometheus.tls_config.key_file: cert_file is missing: the two belong together"),
        .init(
            ["tls_config": ["ca_file": .quoted("")]],
            "6: prometheus.tls_config.ca_file: must not be empty"),
        .init(
            ["basic_auth": ["username": "u"]],
            "5: prometheus.basic_auth: password or password_file is missing"),
        .init(
            ["basic_auth": ["username": "u", "password": "s", "password_file": "f"]],
            "8: prometheus.basic_auth.password_file: not together with password: one of the two"),
        .init(
            ["basic_auth": ["username": "a:b", "password": "s"]],
            "6: prometheus.basic_auth.username: a user's name cannot hold a colon"),
        .init(
            ["basic_auth": ["password": ["secret"]]],
            "5: prometheus.basic_auth.username: required key is missing: a text is expected",
            "6: prometheus.basic_auth.password: a text is expected, found a list"),
        .init(
            ["basic_auth": ["username": "u", "password": "secret\u{1}"]],
            "7: prometheus.basic_auth.password: line breaks and control characters are not allowed"
        ),
        .init(
            [
                "basic_auth": ["username": "u", "password": "s"],
                "authorization": ["credentials": "t"],
            ],
            "8: prometheus.authorization: not together with basic_auth: one of the two"),
        .init(
            ["authorization": ["type": "Bearer"]],
            "5: prometheus.authorization: credentials or credentials_file is missing"),
        .init(
            ["authorization": ["type": "Basic", "credentials": "s"]],
            "6: prometheus.authorization.type: for Basic there is basic_auth"),
        .init(
            ["authorization": ["type": "a b", "credentials": "s"]],
            "6: prometheus.authorization.type: one word is expected, such as Bearer"),
        .init(
            ["authorization": ["credentials": "s", "credentials_file": "f"]],
            "7: prometheus.authorization.credentials_file: not together with credentials: one of "
                + "the two"),
        .init(
            ["headers": ["X-A": "1", "x-a": "2"]],
            "7: prometheus.headers.x-a: the header is there twice"),
        .init(
            ["headers": ["Authorization": "secret"]],
            "6: prometheus.headers.Authorization: not here; use basic_auth or authorization"),
        .init(
            ["headers": ["X A": "1", "X-B": "a\nb"]],
            "6: prometheus.headers.\"X A\": not the name of a header",
            "7: prometheus.headers.X-B: line breaks and control characters are not allowed"),
        .init(
            ["proxy_url": "ftp://proxy"],
            "5: prometheus.proxy_url: a URL that begins with http:// or https:// or socks5:// or "
                + "socks5h:// is expected"),
    ]

    @Test(arguments: serviceKeys)
    func aMistakeInAServiceIsSaidWithItsPath(_ mistake: Mistake) {
        let service: ConfigurationNode = ["urls": ["http://prom:9090"]]
        let reading = reading(["cluster": "eu-1", "prometheus": service + mistake.tree])
        #expect(reading.mistakes.map(\.description) == mistake.said.map { "a.yaml:" + $0 })
    }

    private static let urls: [Mistake] = [
        .init(nil, "3: prometheus.urls: at least one URL is expected"),
        .init([], "3: prometheus.urls: at least one URL is expected"),
        .init(
            "http://a",
            "3: prometheus.urls: a list, each a URL (http://, https://) is expected, found a text"),
        .init(
            ["http://a", "http://b/", "http://b"],
            "6: prometheus.urls: http://b is there twice"),
        .init(
            ["a:9090", "http://", "https://u:secret@a", "http://a?x=1", "http://a b"],
            "4: prometheus.urls[0]: a URL that begins with http:// or https:// is expected",
            "5: prometheus.urls[1]: the host is missing",
            "6: prometheus.urls[2]: credentials do not belong in a URL; use basic_auth",
            "7: prometheus.urls[3]: a base URL has no query and no fragment",
            "8: prometheus.urls[4]: a URL cannot hold spaces or such characters; write them as %20"
        ),
    ]

    @Test(arguments: urls)
    func everyAddressIsChecked(_ mistake: Mistake) {
        let reading = reading(["cluster": "eu-1", "prometheus": ["urls": mistake.tree]])
        #expect(reading.mistakes.map(\.description) == mistake.said.map { "a.yaml:" + $0 })
    }

    @Test func anEmptyFileLacksWhatIsRequired() {
        let said = [
            "a.yaml:1: cluster: required key is missing: a text is expected",
            "a.yaml:1: prometheus: required key is missing: a section is expected",
        ]
        #expect(reading(nil).mistakes.map(\.description) == said)
        #expect(reading([:]).mistakes.map(\.description) == said)
    }

    @Test func aFileThatIsNoMappingIsRefused() {
        #expect(
            reading(["cluster"]).mistakes.map(\.description) == [
                "a.yaml:1: a mapping is expected, found a list"
            ])
    }

    @Test func twoFilesCannotDeclareOneCluster() {
        let reading = InventoryReader.read([
            .init(name: "a.yaml", directory: ".", root: Self.small.inLines),
            .init(
                name: "b.yaml", directory: ".",
                root: (Self.small + ["external_labels": ["region": "us"]]).inLines),
            .init(name: "c.yaml", directory: ".", root: Self.small.inLines),
        ])
        #expect(
            reading.mistakes.map(\.description) == [
                "b.yaml:1: cluster: duplicate cluster name: \"eu-1\" is declared in a.yaml:1 too",
                "c.yaml:1: cluster: duplicate cluster, with identical external labels: \"eu-1\" is "
                    + "declared in a.yaml:1 too",
            ])
        #expect(reading.clusters.count == 1)
    }

    @Test func mistakesOfAllFilesAreFoundAtOnce() {
        let reading = InventoryReader.read([
            .init(name: "a.yaml", directory: ".", root: ["cluster": ["x"]]),
            .init(name: "b.yaml", directory: ".", root: (Self.small + ["retention": "x"]).inLines),
        ])
        #expect(reading.mistakes.map(\.file) == ["a.yaml", "a.yaml", "b.yaml"])
        #expect(reading.clusters.isEmpty)
    }
}
