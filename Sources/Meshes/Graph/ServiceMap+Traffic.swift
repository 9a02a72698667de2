extension ServiceMap {
    /// How much, and how it ended; everything is a second.
    public struct Traffic: Hashable, Sendable {
        public var http: HTTP?
        public var grpc: GRPC?
        public var tcp: TCP?

        public struct HTTP: Hashable, Sendable {
            public var rate: Double
            public var redirections: Double
            public var clientErrors: Double
            public var serverErrors: Double
            public var noResponse: Double

            public init(
                rate: Double = 0, redirections: Double = 0, clientErrors: Double = 0,
                serverErrors: Double = 0, noResponse: Double = 0
            ) {
                self.rate = rate
                self.redirections = redirections
                self.clientErrors = clientErrors
                self.serverErrors = serverErrors
                self.noResponse = noResponse
            }
        }

        public struct GRPC: Hashable, Sendable {
            public var rate: Double
            /// With a status that is not zero, or an error of HTTP.
            public var errors: Double
            public var noResponse: Double

            public init(rate: Double = 0, errors: Double = 0, noResponse: Double = 0) {
                self.rate = rate
                self.errors = errors
                self.noResponse = noResponse
            }
        }

        public struct TCP: Hashable, Sendable {
            /// Bytes from the source to the destination.
            public var sentRate: Double
            /// Bytes from the destination to the source.
            public var receivedRate: Double
            public var connectionRate: Double

            public init(
                sentRate: Double = 0, receivedRate: Double = 0, connectionRate: Double = 0
            ) {
                self.sentRate = sentRate
                self.receivedRate = receivedRate
                self.connectionRate = connectionRate
            }
        }

        public init(http: HTTP? = nil, grpc: GRPC? = nil, tcp: TCP? = nil) {
            self.http = http
            self.grpc = grpc
            self.tcp = tcp
        }

        /// Of HTTP and gRPC; nil where nobody reported requests, as of TCP.
        public var requestRate: Double? {
            guard http != nil || grpc != nil else { return nil }
            return (http?.rate ?? 0) + (grpc?.rate ?? 0)
        }

        /// Requests a second with a server's error, a status of gRPC that is not zero, or no response.
        public var errorRate: Double {
            (http.map { $0.serverErrors + $0.noResponse } ?? 0)
                + (grpc.map { $0.errors + $0.noResponse } ?? 0)
        }

        /// Of all requests; nil without any.
        public var errorRatio: Double? {
            guard let rate = requestRate, rate > 0 else { return nil }
            return min(1, errorRate / rate)
        }
    }
}
