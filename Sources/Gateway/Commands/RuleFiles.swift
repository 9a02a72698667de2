import Clusters
import Glibc
import PromQL
import Rules

/// Rule files on the disk.
struct RuleFiles {
    /// Which queries rules may have.
    var options = ParseOptions()

    /// Reads one file.
    func read(_ path: String) -> RuleFileReading {
        switch Self.tree(of: path) {
        case .success(let tree): return RuleFileReader.read(tree, file: path, options: options)
        case .failure(let mistake): return RuleFileReading(groups: [], mistakes: [mistake])
        }
    }

    /// Reads all files that patterns mean.
    func read(patterns: [String]) -> RuleFileReading {
        var all = RuleFileReading(groups: [], mistakes: [])
        for path in Self.matching(patterns) {
            let reading = read(path)
            all.groups += reading.groups
            all.mistakes += reading.mistakes
        }
        return all
    }

    /// A YAML file as a tree.
    static func tree(of path: String) -> Result<ConfigurationNode, RuleMistake> {
        let bytes: [UInt8]
        do throws(DiskFile.Failure) {
            bytes = try DiskFile.bytes(of: path)
        } catch {
            return .failure(RuleMistake(file: path, place: nil, problem: error.sentence))
        }
        do throws(ConfigurationMistake) {
            return .success(try YAMLTree(file: path, mergesMappings: true).tree(of: bytes))
        } catch {
            let place = error.line.map { ConfigurationNode.Place(line: $0, column: 1) }
            return .failure(RuleMistake(file: path, place: place, problem: error.problem))
        }
    }

    /// The paths that patterns mean, each once: by pattern, then ordered.
    static func matching(_ patterns: [String]) -> [String] {
        var seen: Set<String> = []
        return patterns.flatMap(matching).filter { seen.insert($0).inserted }
    }

    /// The paths that a pattern means, ordered; none where it is met by nothing.
    static func matching(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in
            paths[index].map { String(cString: $0) }
        }
    }
}
