import CSpawn
import Glibc

/// The three pipes between a program and us.
final class ChildPipes {
    private(set) var input: Int32
    let output: Int32
    let complaints: Int32
    private var childEnds: [Int32]

    /// Nil where the system gives none; `errno` says why.
    init?() {
        var opened: [Int32] = []
        for _ in 0..<3 {
            var ends: [Int32] = [-1, -1]
            let code = isthmus_open_pipe(&ends)
            guard code == 0 else {
                for end in opened { Glibc.close(end) }
                errno = code
                return nil
            }
            opened += ends
        }
        input = opened[1]
        output = opened[2]
        complaints = opened[4]
        childEnds = [opened[0], opened[3], opened[5]]
        // The child's ends stay as programs expect them.
        for end in [input, output, complaints] {
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
        }
    }

    /// Tells the program that there is no more.
    func closeInput() {
        if input >= 0 { Glibc.close(input) }
        input = -1
    }

    func closeChildEnds() {
        for end in childEnds { Glibc.close(end) }
        childEnds = []
    }

    func close() {
        closeInput()
        closeChildEnds()
        Glibc.close(output)
        Glibc.close(complaints)
    }

    /// Starts the program on the child's ends, with no other file of ours. Gives an error's number,
    /// 0 for none.
    func spawn(_ command: ChildProcess.Command, _ process: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (place, end) in childEnds.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, end, Int32(place))
        }
        _ = isthmus_close_files_from(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let arguments = ([command.program] + command.arguments).map { strdup($0) } + [nil]
        let environment = command.environment.map { strdup($0) } + [nil]
        defer { for text in arguments + environment { free(text) } }
        return posix_spawnp(
            &process, command.program, &actions, &attributes, arguments, environment)
    }
}
