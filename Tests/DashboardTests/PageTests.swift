import Foundation
import TestSupport
import Testing

extension Dashboard {
    @Suite("The page", .enabled(if: Browser.isInstalled, Comment(rawValue: Browser.absence)))
    struct PageTests {
        /// In both sizes and both colours; the first is the one it is opened in.
        private static let looks: [BrowserLook] = [.desktop, .desktop.dark, .phone.dark, .phone]

        @Test(arguments: DashboardView.all)
        func aViewShowsItsDataInAllSizesAndColours(_ view: DashboardView) async throws {
            try await withPage { page, gateway in
                try await page.open("\(gateway.address)/#/\(view.address)")
                for look in Self.looks {
                    try await page.show(look)
                    try await page.wait(until: view.isDrawn)
                    #expect(
                        try await page.evaluate(
                            "matchMedia('(prefers-color-scheme: dark)').matches")
                            == .boolean(look.isDark))
                    let width = try await page.evaluate("document.documentElement.scrollWidth")
                    #expect((width.number ?? .infinity) <= Double(look.width), "\(look): too wide")
                    try await page.screenshot("\(view.name)-\(look)")
                }
                try await Self.expectNoComplaints(page)
            }
        }

        @Test func aTraceIsReachedByKeyboardAndByLink() async throws {
            try await withPage { page, gateway in
                // How many spans a trace has chance decides, and the list says.
                try await page.open("\(gateway.address)/#/traces?service=frontend&min=200ms")
                let several = "/\\d spans/.test"
                try await page.wait(
                    until: "[...document.querySelectorAll('[data-trace]')]"
                        + ".some((trace) => \(several)(trace.innerText))")
                let onTrace =
                    "\(several)(document.activeElement.closest('a[href*=\"#/trace?\"]')"
                    + "?.innerText ?? '')"
                #expect(try await page.press(.tab, until: onTrace, atMost: 80))
                try await page.press(.enter)
                let drawn = "document.querySelectorAll('[data-span]').length > 1"
                try await page.wait(until: drawn)
                for look in Self.looks {
                    try await page.show(look)
                    try await page.wait(until: drawn)
                    try await page.screenshot("trace-\(look)")
                }
                // The address alone brings it back.
                let address = try #require(await page.evaluate("location.href").text)
                #expect(address.contains("#/trace?id="))
                let spans = try await page.evaluate(
                    "document.querySelectorAll('[data-span]').length")
                try await page.open("about:blank")
                try await page.open(address)
                try await page.wait(until: drawn)
                #expect(
                    try await page.evaluate("document.querySelectorAll('[data-span]').length")
                        == spans)
                // A span is chosen by the arrows, and is in the address too.
                #expect(
                    try await page.press(
                        .tab, until: "document.activeElement.closest('.waterfall')", atMost: 80))
                for key in [BrowserKey.down, .enter] { try await page.press(key) }
                try await page.wait(until: "document.querySelector('[data-details]')")
                try await page.wait(until: "location.hash.includes('span=')")
                try await Self.expectNoComplaints(page)
            }
        }

        @Test func aServiceIsReachedByTypingItsName() async throws {
            try await withPage { page, gateway in
                try await page.open("\(gateway.address)/")
                try await page.wait(until: "document.querySelector('.cluster-card')")
                try await page.press(.character("/"))
                try await page.type("check")
                try await page.wait(
                    until: """
                        document.querySelector('#jump-list')?.innerText.includes('shop/checkout')
                        """)
                try await page.press(.enter)
                try await page.wait(
                    until: "decodeURIComponent(location.hash).includes('service=shop/checkout')")
                try await page.wait(until: "document.querySelector('[data-plot] path')")
                // Back goes back.
                try await page.evaluate("history.back()")
                try await page.wait(until: "document.querySelector('.cluster-card')")
                try await Self.expectNoComplaints(page)
            }
        }

        @Test func anEdgeOfTheMapIsExplainedWithoutAMouse() async throws {
            try await withPage { page, gateway in
                try await page.open("\(gateway.address)/#/map")
                try await page.wait(
                    until: "document.querySelectorAll('.map-picture g.node').length > 10")
                let onNode = "document.activeElement.matches('g.node')"
                #expect(try await page.press(.tab, until: onNode, atMost: 80))
                try await page.press(.enter)
                try await page.wait(until: "document.querySelector('.map-panel:not([hidden]) h2')")
                try await page.wait(until: "location.hash.includes('selected=')")
                try await page.screenshot("map-node")
                // The details are a few stops away, and Escape leads back to the node.
                #expect(
                    try await page.press(
                        .tab, until: "document.activeElement.closest('.map-panel')", atMost: 8))
                try await page.press(.escape)
                try await page.wait(until: "document.querySelector('.map-panel').hidden")
                #expect(try await page.evaluate(onNode) == true)
                try await page.press(.enter)
                try await page.wait(until: "location.hash.includes('selected=')")
                try await page.wait(until: "document.querySelector('.map-panel:not([hidden]) h2')")
                // The link to what is shown works for a colleague.
                let address = try #require(await page.evaluate("location.href").text)
                let title = try await page.evaluate(
                    "document.querySelector('.map-panel h2').innerText")
                try await page.open("about:blank")
                try await page.open(address)
                try await page.wait(until: "document.querySelector('.map-panel:not([hidden]) h2')")
                #expect(
                    try await page.evaluate("document.querySelector('.map-panel h2').innerText")
                        == title)
                try await Self.expectNoComplaints(page)
            }
        }

        @Test func anEdgeOfTheTableIsOpenedByKeyboard() async throws {
            try await withPage { page, gateway in
                try await page.open("\(gateway.address)/#/map?as=table")
                try await page.wait(
                    until: "document.querySelectorAll('.map-table tr[data-key]').length > 10")
                let onEdge = "document.activeElement.matches('[data-action=edge]')"
                #expect(try await page.press(.tab, until: onEdge, atMost: 120))
                let name = try await page.evaluate(
                    "document.activeElement.closest('tr').dataset.key")
                try await page.press(.enter)
                try await page.wait(until: "document.querySelector('.map-panel:not([hidden]) h2')")
                #expect(
                    try await page.evaluate(
                        "decodeURIComponent(location.hash).split('selected=')[1]?.split('&')[0]")
                        == name)
                try await Self.expectNoComplaints(page)
            }
        }

        @Test func aPathOfCallsIsAskedForByKeyboardAndIsInTheLink() async throws {
            try await withPage { page, gateway in
                try await page.open("\(gateway.address)/#/map?path=shortest")
                try await page.wait(
                    until: "document.querySelector('.path-form') && "
                        + "document.querySelectorAll('.map-picture g.node').length > 10")
                for end in ["shop/frontend", "money/payments"] {
                    let name = end == "shop/frontend" ? "pathfrom" : "pathto"
                    #expect(
                        try await page.press(
                            .tab, until: "document.activeElement.name === '\(name)'", atMost: 120))
                    try await page.type(end)
                }
                try await page.press(.enter)
                let drawn = """
                    document.querySelectorAll('.path-call').length > 0
                        && document.querySelectorAll('.map-paths path').length
                            === document.querySelectorAll('.path-call').length
                    """
                try await page.wait(until: drawn)
                // Each call tells how often it is made and how long it takes.
                #expect(
                    try await page.evaluate(
                        """
                        [...document.querySelectorAll('.path-call')].every((call) =>
                            /\\/s.* errors.*p95/.test(call.innerText))
                        """) == true)
                for look in Self.looks {
                    try await page.show(look)
                    try await page.screenshot("path-\(look)")
                }
                let address = try #require(await page.evaluate("location.href").text)
                #expect(address.contains("pathfrom=shop/frontend&pathto=money/payments"))
                try await page.open("about:blank")
                try await page.open(address)
                try await page.wait(until: drawn)
                // A refresh is under way when the address changes, and ends after that.
                try await page.evaluate(
                    """
                    window.held = [];
                    const ask = window.fetch;
                    window.fetch = (address, options) => {
                        const isGraph = String(address).includes('mesh/v1/graph?');
                        if (!isGraph) return ask(address, options);
                        return new Promise((resolve) => {
                            held.push(() => resolve(ask(address, options)));
                        });
                    };
                    document.querySelector('[aria-label="Refresh now"]').click();
                    """)
                try await page.wait(until: "held.length === 1")
                // Nobody calls the frontend from there.
                try await page.evaluate(
                    "location.hash = '#/map?path=shortest&pathfrom=money/payments"
                        + "&pathto=shop/frontend'")
                let isSaid =
                    "document.querySelector('.map-panel .notice')?.innerText"
                    + ".includes('no calls lead from')"
                try await page.wait(until: isSaid)
                try await page.evaluate("held[0]()")
                try await page.wait(until: "!document.documentElement.dataset.refreshing")
                #expect(try await page.evaluate(isSaid) == true)
            }
        }

        @Test func anAlertsLinkLeadsToItsQuery() async throws {
            try await withPage { page, gateway in
                try await page.open(
                    "\(gateway.address)/graph?g0.expr=sum%28up%29+%3E+0&g0.tab=1")
                try await page.wait(
                    until: "document.querySelector('[data-cell=value]')?.textContent === '4'")
                #expect(
                    try await page.evaluate("document.querySelector('textarea').value")
                        == "sum(up) > 0")
                try await page.open("\(gateway.address)/alerts")
                try await page.wait(until: "document.querySelector('[data-alert=Watchdog]')")
                try await Self.expectNoComplaints(page)
            }
        }

        @Test func aQueryIsWrittenAndItsMistakeIsShown() async throws {
            try await withPage { page, gateway in
                try await page.open("\(gateway.address)/#/query")
                try await page.wait(until: "document.activeElement.matches('textarea')")
                try await page.type("sum(up")
                try await page.press(.escape)
                try await page.press(.enter)
                try await page.wait(until: "document.querySelector('[role=alert][data-line]')")
                try await page.screenshot("query-mistake")
                try await page.type(")")
                try await page.press(.escape)
                try await page.press(.enter)
                try await page.wait(
                    until: "document.querySelector('[data-cell=value]')?.textContent === '4'")
                #expect(
                    try await page.evaluate("decodeURIComponent(location.hash).includes('sum(up)')")
                        == true)
            }
        }

        @Test func aClusterThatIsKilledIsShownAsMissingAndComesBack() async throws {
            let gateway = try await DashboardFleet.shared.gateway()
            try await withPage { page, _ in
                try await page.open("\(gateway.address)/#/?refresh=10")
                try await page.wait(until: DashboardView.all[0].isDrawn)
                let strip = "document.querySelector('#missing').innerText"
                #expect(
                    try await page.evaluate("document.querySelector('#missing').hidden") == true)
                try await DashboardFleet.shared.kill("us-1")
                try await page.press(.character("r"))
                try await page.wait(until: "\(strip).includes('us-1 is missing')")
                try await page.wait(
                    until: """
                        [...document.querySelectorAll('.cluster-card.is-missing')]
                            .map((card) => card.querySelector('h2').innerText).join()
                            .includes('us-1')
                            && document.querySelector('.tiles').innerText.includes('2 of 3')
                        """)
                for look in [BrowserLook.phone.dark, .desktop] {
                    try await page.show(look)
                    try await page.screenshot("missing-overview-\(look)")
                }
                for (name, address, mark) in Self.marks {
                    // What was remembered before is whole, so a later moment is asked for.
                    let later = address.contains("?") ? "&refresh=10" : "?refresh=10"
                    try await page.evaluate("location.hash = '#/\(address)\(later)'")
                    try await page.wait(until: "document.querySelector('[data-view=\(name)]')")
                    try await page.wait(until: mark)
                    try await page.wait(until: "\(strip).includes('us-1 is missing')")
                    try await page.screenshot("missing-\(name)")
                }
                try await DashboardFleet.shared.revive("us-1")
                try await page.evaluate("location.hash = '#/?refresh=10'")
                try await page.wait(until: "document.querySelector('#missing').hidden")
                try await page.wait(until: DashboardView.all[0].isDrawn)
                // The clusters' states are another answer than the one that ends the strip.
                try await page.wait(
                    until: "!document.querySelector('.cluster-card.is-missing')")
                try await Self.expectNoComplaints(page)
            }
            try await gateway.awaitWhole(
                query: "sum(istio_requests_total)", at: "\(Date().timeIntervalSince1970)")
        }

        /// Where each view says that a cluster is missing.
        private static let marks = [
            (
                "map", "map",
                "document.querySelector('.map-picture g.box.missing, g.box.is-missing')"
            ),
            (
                "services", "services",
                "[...document.querySelectorAll('tr[data-key]')].some((row) => "
                    + "row.innerText.includes('without us-1'))"
            ),
            (
                "service", "service?name=shop/checkout",
                "document.querySelector('.notice[data-missing=true]')?.innerText.includes('without us-1')"
            ),
            (
                "control-plane", "control-plane",
                "document.querySelector('.plane[data-cluster=us-1] .plane-gap[data-missing=true]')"
            ),
            (
                "query", "query?expr=sum(up)",
                "document.querySelector('.view').innerText.includes('us-1')"
            ),
        ]

        @Test func aControlPlaneIsOpenedByKeyboardAndIsInTheLink() async throws {
            try await withPage { page, gateway in
                let closed = ".component[data-component='eu-1/istio/istiod'] .component-head"
                try await page.open("\(gateway.address)/#/control-plane")
                try await page.wait(until: "document.querySelector(\"\(closed)\")")
                #expect(
                    try await page.press(
                        .tab, until: "document.activeElement.matches(\"\(closed)\")", atMost: 80))
                try await page.press(.enter)
                let opened = "document.querySelector(\"\(closed)[aria-expanded=true]\")"
                try await page.wait(until: opened)
                // What is opened is drawn anew, and the keyboard is where it was.
                #expect(
                    try await page.evaluate("document.activeElement.matches(\"\(closed)\")") == true
                )
                let replicas = """
                    [...document.querySelectorAll('.component-body tr[data-key]')]
                        .map((row) => row.dataset.key.split('/').at(-1)).join()
                    """
                try await page.wait(until: "\(replicas) === 'istiod-0,istiod-1'")
                #expect(
                    try await page.evaluate("document.querySelectorAll('[data-probe]').length >= 4")
                        == true)
                let address = try #require(await page.evaluate("location.href").text)
                #expect(address.contains("open=eu-1/istio/istiod"))
                try await page.open("about:blank")
                try await page.open(address)
                try await page.wait(until: opened)
                for look in [BrowserLook.phone.dark, .desktop] {
                    try await page.show(look)
                    try await page.screenshot("control-plane-opened-\(look)")
                }
                try await Self.expectNoComplaints(page)
            }
        }

        @Test func aReplicaThatIsKilledIsShownAsUnreachableAndNeverAsHealthy() async throws {
            let fleet = DashboardFleet.shared
            try await withPage { page, gateway in
                let gate = "ap-1/other/gate"
                let state = "document.querySelector(\"[data-component='\(gate)']\")?.dataset.state"
                try await page.open("\(gateway.address)/#/control-plane?refresh=5&open=\(gate)")
                try await page.wait(until: "\(state) === 'healthy'")
                let first = try await fleet.endGate(0)
                try await page.wait(until: "\(state) === 'degraded'")
                try await page.wait(
                    until: """
                        document.querySelector("tr[data-key='\(first)'] [data-probe]")
                            ?.dataset.state === 'unreachable'
                        """)
                _ = try await fleet.endGate(1)
                try await page.wait(until: "\(state) === 'unreachable'")
                try await page.wait(
                    until: """
                        document.querySelector('.plane[data-cluster=ap-1]').dataset.state
                            !== 'healthy'
                            && !document.querySelector('[data-tile=fleet] .figure .badge.healthy')
                        """)
                for look in [BrowserLook.phone.dark, .desktop] {
                    try await page.show(look)
                    try await page.screenshot("control-plane-killed-\(look)")
                }
                // The filter is in the address.
                try await page.evaluate("location.hash = '#/control-plane?state=unreachable'")
                try await page.wait(
                    until: """
                        [...document.querySelectorAll('[data-component]')]
                            .map((one) => one.dataset.component).join() === '\(gate)'
                        """)
                try await page.evaluate("location.hash = '#/?refresh=10'")
                try await page.wait(
                    until: "document.querySelector('.cluster-card [data-plane=unreachable]')")
                try await Self.expectNoComplaints(page)
            }
        }

        @Test func certificatesAreFilteredByTheAddress() async throws {
            try await withPage { page, gateway in
                let rows = "document.querySelectorAll('[data-certificates] tbody tr[data-key]')"
                try await page.open(
                    "\(gateway.address)/#/control-plane?tab=certificates&kind=workload")
                try await page.wait(until: "\(rows).length > 5")
                // What ends first is first.
                let seconds = """
                    [...document.querySelectorAll('[data-certificates=workloads] [data-seconds]')]
                        .map((one) => Number(one.dataset.seconds))
                    """
                #expect(
                    try await page.evaluate(
                        "\(seconds).join() === \(seconds).sort((a, b) => a - b).join()") == true)
                let all = try await page.evaluate("\(rows).length")
                try await page.evaluate(
                    """
                    (() => {
                        const field = document.querySelector('[data-choice=severity]');
                        field.value = 'expired';
                        field.dispatchEvent(new Event('change'));
                    })()
                    """)
                try await page.wait(until: "location.hash.includes('severity=expired')")
                try await page.wait(until: "\(rows).length < \(all.number ?? 0)")
                try await Self.expectNoComplaints(page)
            }
        }

        @Test func theFirstPictureIsThereSoonAndThePageIsLight() async throws {
            try await withPage { page, gateway in
                for (name, address) in [("overview", ""), ("map", "#/map")] {
                    try await page.open("about:blank")
                    page.forget()
                    try await page.open("\(gateway.address)/\(address)")
                    let view = try #require(DashboardView.all.first { $0.name == name })
                    try await page.wait(until: view.isDrawn)
                    let picture = try await page.firstPicture()
                    let whole = try await page.evaluate("performance.now()").number ?? 0
                    let record = page.record
                    let own = record.weight("Document", "Script", "Stylesheet", "Other")
                    print(
                        "\(name): first picture after \(Int(picture)) ms, whole after",
                        "\(Int(whole)) ms; \(own / 1024) KiB of page and",
                        "\(record.weight("Fetch", "XHR") / 1024) KiB of data in",
                        "\(record.requests.count) requests")
                    // Half a second was measured; the limit is for machines that are busy.
                    #expect(picture < 30_000)
                    #expect(own < 400 * 1024)
                    let strangers = record.requests.values.filter {
                        !$0.url.hasPrefix(gateway.address) && !$0.url.hasPrefix("data:")
                            && !$0.url.hasPrefix("blob:")
                    }
                    #expect(strangers.isEmpty, "\(strangers)")
                }
            }
        }

        @Test func howMuchOfTheMeshIsShownIsSaid() async throws {
            try await withPage { page, gateway in
                // The five busiest, and how many there are.
                try await page.open("\(gateway.address)/#/services?top=5")
                let says = "document.querySelector('.view-head [role=status]')?.textContent ?? ''"
                try await page.wait(until: "/^5 of \\d+ services, the busiest$/.test(\(says))")
                #expect(
                    try await page.evaluate("document.querySelectorAll('tr[data-key]').length") == 5
                )
                try await page.screenshot("services-busiest")
                // All of them are a key away.
                try await page.evaluate("document.querySelector('[data-action=more]').focus()")
                try await page.press(.enter)
                try await page.wait(until: "/^\\d+ services$/.test(\(says))")
                #expect(
                    try await page.evaluate(
                        "document.querySelectorAll('tr[data-key]').length > 5") == true)
                #expect(
                    try await page.evaluate("document.querySelector('[data-action=more]').hidden")
                        == true)

                // What the map draws as one.
                let summary = "document.querySelector('.map-summary')?.textContent ?? ''"
                try await page.open("\(gateway.address)/#/map?top=3")
                try await page.wait(
                    until: "/^\\d+ of \\d+ nodes by themselves, the other \\d+ drawn as \\d+, "
                        + "one for each namespace of a cluster · \\d+ edges as \\d+/.test(\(summary))"
                )
                // Each node is told of once: alone, or as part of a group.
                #expect(
                    try await page.evaluate(
                        """
                        (() => {
                            const [alone, all, joined] = (\(summary)).match(/\\d+/g).map(Number);
                            return alone + joined === all;
                        })()
                        """) == true)
                try await page.screenshot("map-busiest")
                try await page.open("\(gateway.address)/#/map?collapse=cluster")
                try await page.wait(
                    until: "/^\\d+ nodes: \\d+ drawn as 3, one for each cluster/.test(\(summary))")
                try await Self.expectNoComplaints(page)
            }
        }

        @Test func anInexactPercentileHasASign() async throws {
            try await withPage { page, gateway in
                try await page.open("\(gateway.address)/#/query")
                // As a mesh answers whose slowest requests are beyond its histograms.
                try await page.evaluate(
                    """
                    const ask = window.fetch;
                    window.fetch = async (address, options) => {
                        const answer = await ask(address, options);
                        if (!String(address).includes('mesh/v1/signals')) return answer;
                        const body = await answer.json();
                        for (const {signals} of body.data.subjects) {
                            if (signals.latencyP99) signals.latencyP99.limits = ['lastBucket'];
                            if (signals.latencyP95) signals.latencyP95.limits = ['wideBucket'];
                        }
                        body.data.totals.subjects = 10000;
                        return new Response(JSON.stringify(body),
                            {status: answer.status, headers: answer.headers});
                    };
                    """)
                try await page.evaluate("location.hash = '#/services'")
                let cell = "document.querySelector('[data-cell=latencyP99][data-missing=false]')"
                try await page.wait(until: "\(cell)?.textContent.startsWith('≥ ')")
                #expect(
                    try await page.evaluate("\(cell).title.includes('it may be more')") == true)
                try await page.wait(
                    until: "document.querySelector('.view-head [role=status]').textContent"
                        + ".endsWith('of 10,000 services, the busiest')")
                try await page.evaluate("location.hash = '#/'")
                try await page.wait(
                    until: "[...document.querySelectorAll('.tile')].some((tile) =>"
                        + " tile.innerText.includes('10,000'))")
                try await page.wait(
                    until: "document.querySelector('.overview-lists')?.innerText"
                        + ".includes('of 10,000 services, the busiest')")
                try await page.wait(
                    until: "[...document.querySelectorAll('.tile')].some((tile) =>"
                        + " /≈ .* ms/.test(tile.innerText))")
                try await Self.expectNoComplaints(page)
            }
        }

        // MARK: Pieces

        /// Does something with a page of its own.
        private func withPage(
            _ look: BrowserLook = .desktop,
            _ work: (BrowserPage, IsthmusServer) async throws -> Void
        ) async throws {
            let gateway = try await DashboardFleet.shared.gateway()
            let page = try await DashboardBrowser.shared.browser().page(look)
            do {
                try await work(page, gateway)
            } catch {
                try? await page.screenshot("failed-\(Int(Date().timeIntervalSince1970))")
                try? await page.close()
                throw error
            }
            try await page.close()
        }

        /// Neither the console nor the page itself says that something is wrong.
        private static func expectNoComplaints(_ page: BrowserPage) async throws {
            let complaints = page.record.complaints
            #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
            let error = try await page.evaluate("document.getElementById('error')?.innerText")
            #expect(error == .null, "\(error.written)")
        }
    }
}
