import Clusters
import Glibc

/// A directory with one file for each cluster.
struct InventoryDirectory: Sendable {
    let path: String

    /// Enough about the files to see that one has changed, come or gone. Links are followed, so a
    /// link that points elsewhere, as in Kubernetes' mounted configuration, is a change.
    struct Marks: Hashable, Sendable {
        private var files: [Mark] = []

        private struct Mark: Hashable, Sendable {
            var path: String
            var device: UInt64
            var file: UInt64
            var size: Int64
            var seconds: Int64
            var nanoseconds: Int64
        }

        /// What these files look like now. Files that are not there leave no mark.
        init(of paths: [String]) {
            for path in paths {
                var status = stat()
                guard stat(path, &status) == 0 else { continue }
                files.append(
                    Mark(
                        path: path, device: UInt64(status.st_dev), file: UInt64(status.st_ino),
                        size: Int64(status.st_size), seconds: Int64(status.st_mtim.tv_sec),
                        nanoseconds: Int64(status.st_mtim.tv_nsec)))
            }
        }

        /// The marks with those of further files.
        func adding(_ paths: [String]) -> Marks {
            var marks = self
            marks.files += Marks(of: paths).files
            return marks
        }
    }

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
    func marks() -> Marks {
        var ignored: [ConfigurationMistake] = []
        return Marks(of: names(&ignored).map { "\(path)/\($0)" })
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
