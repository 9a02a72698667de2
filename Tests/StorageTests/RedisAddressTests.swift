import Storage
import Testing

struct RedisAddressTests {
    private struct Good: CustomStringConvertible, Sendable {
        var url: String
        var place: RedisAddress.Place
        var user: String?
        var password: String?
        var database = 0

        var description: String { url }
    }

    private static let good: [Good] = [
        Good(url: "redis://cache", place: .host("cache", port: 6379)),
        Good(url: "redis://cache/", place: .host("cache", port: 6379)),
        Good(url: "redis://cache:7000/3", place: .host("cache", port: 7000), database: 3),
        Good(url: "redis://cache?db=4", place: .host("cache", port: 6379), database: 4),
        Good(url: "REDIS://10.1.2.3:1", place: .host("10.1.2.3", port: 1)),
        Good(url: "redis://[::1]", place: .host("::1", port: 6379)),
        Good(url: "redis://[fe80::1]:99/1", place: .host("fe80::1", port: 99), database: 1),
        Good(url: "redis://:word@h", place: .host("h", port: 6379), password: "word"),
        Good(
            url: "redis://ann:p%40ss%3aw%2F@h:1/2", place: .host("h", port: 1), user: "ann",
            password: "p@ss:w/", database: 2),
        Good(url: "redis://ann:a:b@h", place: .host("h", port: 6379), user: "ann", password: "a:b"),
        Good(url: "unix:///run/redis.sock", place: .socket(path: "/run/redis.sock")),
        Good(
            url: "unix://ann:word@/run/a%20b?db=7", place: .socket(path: "/run/a b"), user: "ann",
            password: "word", database: 7),
        Good(url: "redis+unix:///s", place: .socket(path: "/s")),
        Good(url: "redis-socket://:w@/s?db=0", place: .socket(path: "/s"), password: "w"),
    ]

    @Test(arguments: good) private func addressesAreUnderstood(_ good: Good) throws {
        let address = try RedisAddress(good.url)
        #expect(address.place == good.place)
        #expect(address.user == good.user)
        #expect(address.password == good.password.map { .text($0) })
        #expect(address.database == good.database)
    }

    @Test(arguments: [
        ("", "redis://"), ("cache:6379", "redis://"), ("http://cache", "redis://"),
        ("redis://", "host is missing"), ("redis://:6379", "host is missing"),
        ("redis://cache:0", "port"), ("redis://cache:65536", "port"), ("redis://cache:x", "port"),
        ("redis://cache:", "port"), ("redis://[::1", "bracket"), ("redis://[cache]", "IPv6"),
        ("redis://ca/che", "database"), ("redis://cache/-1", "database"),
        ("redis://cache/1/2", "database"), ("redis://cache?db=x", "database"),
        ("redis://cache?db=1&x=2", "db=NUMBER"), ("redis://cache?timeout=1", "db=NUMBER"),
        ("redis://cache#a", "fragment"), ("redis://a b", "%20"),
        ("redis://ann@cache", "password"), ("redis://:%zz@cache", "hexadecimal"),
        ("redis://:%4@cache", "hexadecimal"), ("redis://:%ff@cache", "UTF-8"),
        ("unix://", "path"), ("unix:///", "path"), ("unix://relative/path", "begins with /"),
        ("unix:///\(String(repeating: "x", count: 107))", "107"),
        ("rediss://cache", "stunnel"),
    ])
    func mistakesAreNamed(url: String, words: String) {
        let problem = #expect(throws: RedisAddress.Problem.self) { try RedisAddress(url) }
        #expect(problem?.sentence.contains(words) == true, "\(problem?.sentence ?? "")")
    }

    @Test func noDescriptionHoldsThePassword() throws {
        let address = try RedisAddress("redis://ann:verysecret@h:1/2")
        let settings = RedisSettings(address: address)
        for text in ["\(address)", String(reflecting: address), "\(settings)"] {
            #expect(!text.contains("verysecret"))
        }
        #expect("\(address)" == "redis://h:1/2")
        #expect("\(try RedisAddress("unix://:verysecret@/s"))" == "unix:///s?db=0")
        let problem = #expect(throws: RedisAddress.Problem.self) {
            try RedisAddress("redis://ann:verysecret@h:1/x")
        }
        #expect(problem?.sentence.contains("verysecret") == false)
    }

    @Test func aPasswordComesFromAFileOrFromTheURL() throws {
        let address = try RedisAddress("redis://ann@h", passwordFile: "/run/secret")
        #expect(address.user == "ann" && address.password == .file(path: "/run/secret"))
        let plain = try RedisAddress("redis://h", passwordFile: "/run/secret")
        #expect(plain.user == nil && plain.password == .file(path: "/run/secret"))
        let problem = #expect(throws: RedisAddress.Problem.self) {
            try RedisAddress("redis://ann:word@h", passwordFile: "/run/secret")
        }
        #expect(problem?.sentence.contains("one of the two") == true)
    }
}
