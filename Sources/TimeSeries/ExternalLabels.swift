extension Labels {
    /// The labels with those that `external` has under another value moved to `exported_…`, as
    /// often prefixed as needed to be alone, and those that equal it taken away: what a scrape does
    /// with own labels before it sets the external ones.
    public func exporting(_ external: Labels) -> Labels {
        var result = self
        for (name, value) in external.pairs {
            guard let own = result[name] else { continue }
            result = result.setting(name, to: "")
            if own == value { continue }
            var exported = "exported_" + name
            while result[exported] != nil { exported = "exported_" + exported }
            result = result.setting(exported, to: own)
        }
        return result
    }
}
