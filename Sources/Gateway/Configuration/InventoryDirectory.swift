import Clusters

/// A directory with one file for each cluster.
struct InventoryDirectory: Sendable {
    let path: String

    /// The clusters, with all mistakes of all files.
    func read() -> InventoryReader.Reading {
        var mistakes: [ConfigurationMistake] = []
        var files: [InventoryReader.File] = []
        for name in names(&mistakes) {
            let file = "\(path)/\(name)"
            do {
                let bytes = try Self.bytes(of: file)
                let tree = try YAMLTree(file: file).tree(of: bytes)
                files.append(InventoryReader.File(name: file, directory: path, root: tree))
            } catch {
                mistakes.append(error)
            }
        }
        var reading = InventoryReader.read(files)
        for reference in reading.references {
            guard let problem = DiskFile.problem(reading: reference.path) else { continue }
            mistakes.append(
                reference.mistake("the file \(reference.path) cannot be read: \(problem)"))
        }
        reading.mistakes = (reading.mistakes + mistakes).sorted {
            ($0.file, $0.line ?? 0, $0.key) < ($1.file, $1.line ?? 0, $1.key)
        }
        return reading
    }

    static func bytes(of file: String) throws(ConfigurationMistake) -> [UInt8] {
        do {
            return try DiskFile.bytes(of: file)
        } catch {
            throw ConfigurationMistake(
                file: file, line: nil, key: "", problem: "cannot be read: \(error.sentence)")
        }
    }

    /// What the directory's files look like now; a directory that cannot be read is like an empty
    /// one.
    func marks() -> FileMarks {
        var ignored: [ConfigurationMistake] = []
        return FileMarks(of: names(&ignored).map { "\(path)/\($0)" })
    }

    /// The names of the clusters' files, ordered. Hidden files are none.
    private func names(_ mistakes: inout [ConfigurationMistake]) -> [String] {
        func refuse(_ problem: String) {
            mistakes.append(
                ConfigurationMistake(file: path, line: nil, key: "", problem: problem))
        }
        do {
            let names = try DiskFile.names(in: path).filter {
                ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && !$0.hasPrefix(".")
            }
            if names.isEmpty {
                refuse("no cluster's file (*.yaml or *.yml) is in the directory")
            }
            return names.sorted()
        } catch {
            refuse("the directory cannot be read: \(error.sentence)")
            return []
        }
    }
}
