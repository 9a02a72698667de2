import Glibc

/// Enough about some files to see that one has changed, come or gone. Links are followed, so a link
/// that points elsewhere, as in Kubernetes' mounted configuration, is a change.
struct FileMarks: Hashable, Sendable {
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
    func adding(_ paths: [String]) -> FileMarks {
        var marks = self
        marks.files += FileMarks(of: paths).files
        return marks
    }
}
