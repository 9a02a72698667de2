/// Series made to be hard: values at the edges, labels in the way, metrics that only some have.
extension SeriesWriter {
    private var number: Int { UnionMember.all.firstIndex { $0.name == member.name } ?? 0 }

    func writePeculiarities() {
        writeValues()
        writeGaps()
        writeLabels()
        writeConflicts()
    }

    private func writeValues() {
        let number = number
        for (kind, value) in [
            ("nan", Double.nan), ("positive infinity", .infinity),
            ("negative infinity", -.infinity),
            ("tiny", .leastNonzeroMagnitude), ("small", 1.5e-7), ("huge", 1.7e308), ("large", 1e21),
            ("negative", -12.25), ("zero", 0),
        ] {
            // The order of magnitudes differs between clusters, the kinds do not.
            let value =
                value.isFinite && value.magnitude < 1e300 ? value * Double(number + 1) : value
            series("special_value", [("kind", kind)], Shapes.constant(value))
        }
        series("special_value", [("kind", "now and then")]) { scrape, dice in
            [.nan, .infinity, Double(scrape), -Double(scrape)][dice.whole(below: 4)]
        }
        // What cancels out over the clusters: the union's sums of these are known by hand.
        let large = [1e100, 0, -1e100][number]
        series("cancelling", [("part", "large")], Shapes.constant(large))
        series("cancelling", [("part", "small")], Shapes.constant([2, 8, 0.5][number]))
        // Never twice the same, so that an order is an order.
        for name in 0..<8 {
            let middle = Double(name * 3 + number) * 1.37
            series(
                "rank_score", [("name", "n\(name)"), ("instance", "app-\(name % 4)")],
                Shapes.gauge(around: middle, swing: 2, noise: 0.5))
        }
        if number == 0 {
            series(
                "only_here", [("instance", "app-0")], Shapes.gauge(around: 42, swing: 1, noise: 0))
            series("only_here_total", [("instance", "app-0")], Shapes.counter(perScrape: 5))
        }
        if number > 0 {
            for name in ["a", "b"] {
                series("in_two", [("name", name)], Shapes.gauge(around: 7, swing: 5, noise: 1))
            }
        }
    }

    private func writeGaps() {
        let number = number
        // Longer than the servers look back, at different times.
        for name in 0..<4 {
            let gap = 40 + number * 30 + name * 11
            series(
                "gappy", [("name", "g\(name)")],
                Shapes.only(
                    [0..<gap, (gap + 28)..<190, 215..<UnionData.scrapes],
                    Shapes.gauge(around: 5, swing: 6, noise: 1)))
        }
        // Up for three scrapes, down for four: filters on it have holes.
        for name in 0..<3 {
            series("flapping", [("name", "f\(name)")]) { scrape, _ in
                (scrape + number * 2 + name) % 7 < 3 ? 10 : 2
            }
        }
        // Scraped once in a while.
        series("seldom", [("name", "s")]) { scrape, _ in
            scrape % 17 == number * 5 ? Double(scrape) : nil
        }
        // Appears in one cluster as it ends in the other.
        series(
            "moving_total", [("name", "m")],
            Shapes.only([(number * 80)..<(number * 80 + 80)], Shapes.counter(perScrape: 9)))
    }

    private func writeLabels() {
        for (note, path) in [
            ("na\u{ef}ve \u{2603}", "C:\\temp"), ("say \"hi\"", "/a b/+%26"),
            ("\u{65e5}\u{672c}\u{8a9e}", "two\nlines"), ("{braces}, =~ and 'quotes'", ""),
        ] {
            series(
                "odd_label", [("note", note), ("path", path)].filter { !$0.1.isEmpty },
                Shapes.gauge(around: 3, swing: 1, noise: 1))
        }
        // Recorded metrics have colons in their names.
        series("job:requests:rate5m", [("job", "shop/app")], Shapes.level(100))
    }

    /// Own labels of an external label's name.
    private func writeConflicts() {
        let number = number
        // The cluster's own region for some, another for others.
        for region in ["eu", "us", "ap"] {
            series(
                "billing_total", [("region", region), ("account", "a\(number)")],
                Shapes.counter(perScrape: 6))
        }
        // Where `tier` is no external label it is a label like any other.
        for tier in ["edge", "core"] {
            series("disk_free_bytes", [("tier", tier), ("disk", "sda")], Shapes.level(50))
        }
        // A label that has made way once already.
        if number == 1 {
            for region in ["eu", "us"] {
                series(
                    "forwarded_total", [("region", region), ("exported_region", "moon")],
                    Shapes.counter(perScrape: 3))
            }
        }
    }
}
