import TimeSeries

extension RuleEvaluation {
    /// The alerts that elements make, by their labels, each pending since now. Nil where two have
    /// the same labels, or where templates need something that was not asked yet.
    mutating func candidates(
        _ elements: [RuleElement], _ state: RuleState
    ) -> [Labels: AlertInstance]? {
        var result: [Labels: AlertInstance] = [:]
        for element in elements {
            var builder = LabelsBuilder(element.labels.removingMetricName())
            for text in state.templates.labels {
                builder.set(text.name, expanded(text, element))
            }
            builder.set("alertname", state.rule.name)
            let annotations = state.templates.annotations.map {
                RuleText(name: $0.name, text: expanded($0, element))
            }
            let labels = builder.labels()
            let alert = AlertInstance(
                labels: labels, origin: element.labels.removingMetricName(),
                annotations: annotations, value: element.value, activeAt: time)
            if result.updateValue(alert, forKey: labels) != nil, needs.isEmpty { return nil }
        }
        return needs.isEmpty ? result : nil
    }

    /// The text of a label or annotation, with the mistake in it where there is one.
    private mutating func expanded(_ text: AlertTemplates.Text, _ element: RuleElement) -> String {
        do throws(TemplateError) {
            let template = try text.template.get()
            return try template.expanded(with: data(element), in: surroundings)
        } catch {
            if case .needs(let query) = error.kind {
                let lookup = RuleLookup(query: query, time: time)
                if !needs.contains(lookup) { needs.append(lookup) }
                return ""
            }
            return "<error expanding template: \(error)>"
        }
    }

    private func data(_ element: RuleElement) -> TemplateData {
        TemplateData(
            labels: element.labels, externalLabels: settings.externalLabels,
            externalURL: settings.externalURL, value: element.value)
    }

    private var surroundings: TemplateSurroundings {
        let (lookups, time) = (lookups, time)
        return TemplateSurroundings(time: time, externalURL: settings.externalURL) { query in
            lookups[RuleLookup(query: query, time: time)]
        }
    }
}
