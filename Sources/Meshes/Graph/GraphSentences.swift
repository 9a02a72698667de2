/// What numbers may lack while clusters are missing, in sentences.
struct GraphSentences {
    /// The clusters that did not answer, in order.
    var missing: [String]

    /// - Parameters:
    ///   - names: the missing clusters that the edge has an end in.
    ///   - clusterIsUnknown: of an end of it.
    ///   - callersAreUnknown: whether its source stands for callers without a name.
    func edge(
        _ edge: GraphEdge, missing names: [String], clusterIsUnknown: Bool, callersAreUnknown: Bool
    ) -> String? {
        var sentences: [String] = []
        let marks = edge.marks
        if marks.contains(.destinationIsMissing), marks.contains(.inMetrics) {
            sentences.append(
                "\(didNot(names)), so only what the callers' side reports of these calls is known.")
        } else if marks.contains(.sourceIsMissing), marks.contains(.inMetrics) {
            sentences.append("\(didNot(names)), so calls that never arrived are not counted.")
        } else if !names.isEmpty {
            sentences.append("\(didNot(names)), so only traces tell of these calls.")
        }
        if !missing.isEmpty, marks.contains(.isGuessed) || (clusterIsUnknown && !edge.sum.isIdle) {
            sentences.append(
                "\(didNot(missing)), so between which clusters these calls go is not certain.")
        }
        if !missing.isEmpty, callersAreUnknown, !edge.sum.isIdle {
            // Otherwise those who know that these calls are theirs would have said so.
            sentences.append("\(didNot(missing)), so some of these calls may be from there.")
        }
        if marks.contains(.arrivesElsewhere) {
            sentences.append(
                "The destination counts the calls that arrived under another of its services.")
        }
        if marks.contains(.isRemainder) {
            sentences.append(
                "The destination cannot name its callers; what callers report to have sent is taken off,"
                    + " and how the rest ended is known of all together.")
        }
        return sentences.isEmpty ? nil : sentences.joined(separator: " ")
    }

    func node(_ node: GraphNode, cluster: String?, isMissing: Bool) -> String? {
        guard !missing.isEmpty else { return nil }
        if isMissing, let cluster {
            return "\(didNot([cluster])), so only what others saw of it is known."
        }
        if node.key.sort == .unknown {
            return "\(didNot(missing)), so some of these calls may be from there."
        }
        // What else has no name stands in the cluster that saw it.
        if node.isAnonymous, cluster != nil { return nil }
        if cluster == nil, node.key.sort != .external {
            return
                "\(didNot(missing)), so in which cluster it is, and what calls it, is not certain."
        }
        return node.isWitness
            ? "\(didNot(missing)), so calls from there that never arrived are not counted."
            : "\(didNot(missing)), so calls from there are not counted."
    }

    private func didNot(_ names: [String]) -> String {
        switch names.count {
        case 0: return "A cluster did not answer"
        case 1: return "\(names[0]) did not answer"
        case 2...3:
            return names.dropLast().joined(separator: ", ") + " and \(names[names.count - 1])"
                + " did not answer"
        default: return "\(names[0]) and \(names.count - 1) other clusters did not answer"
        }
    }
}
