namespace CiliumLab.Simulator.Api;

/// <summary>Breaks the API on purpose. The server asks it before everything else that concerns an authenticated request.</summary>
internal interface IApiInterceptor
{
    /// <summary>What shall happen to a request; null lets it be.</summary>
    ApiFault? Before(ApiCall call);
}

/// <summary>A request as a fault may look at it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path.</param>
/// <param name="Query">The query, with its question mark; empty when there is none.</param>
/// <param name="User">Who sent it.</param>
internal sealed record ApiCall(string Method, string Path, string Query, string User);

/// <summary>One way to break a request.</summary>
internal sealed record ApiFault
{
    /// <summary>Answer with this instead (429 with <see cref="ApiException.RetryAfter"/>, 500).</summary>
    public ApiException? Answer { get; init; }

    /// <summary>Answer nothing until the client goes away.</summary>
    public bool Hang { get; init; }

    /// <summary>Cut a watch after this many events, without an end of the stream.</summary>
    public int? CutWatchAfter { get; init; }

    /// <summary>Cut an exec after this many bytes of output, without a status.</summary>
    public long? CutExecAfter { get; init; }

    /// <summary>Wait this long before doing what was asked.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Upstream's answer to too many requests.</summary>
    public static ApiFault TooManyRequests(int retryAfter) => new()
    {
        Answer = new ApiException(429, "TooManyRequests", "the server has received too many requests and has asked us to try again later")
        {
            RetryAfter = retryAfter,
            Details = new() { ["retryAfterSeconds"] = retryAfter },
        },
    };

    /// <summary>Upstream's answer to its own mistakes.</summary>
    public static ApiFault InternalError(string why) => new()
    {
        Answer = new ApiException(500, "InternalError", $"Internal error occurred: {why}")
        {
            Details = new() { ["causes"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["message"] = why }) },
        },
    };
}
