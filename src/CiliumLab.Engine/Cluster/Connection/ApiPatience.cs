namespace CiliumLab.Engine.Cluster.Connection;

/// <summary>How long an API server may take, and how often it is asked again.</summary>
internal sealed record ApiPatience
{
    /// <summary>How long one try may take; a watch only until it begins.</summary>
    public TimeSpan PerTry { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After this much time nothing is tried again.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>The wait before the second try; each further one is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait that a server's Retry-After is granted.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a server that answers with an error is asked in all.</summary>
    public int Tries { get; init; } = 5;

    /// <summary>How often a server that does not answer at all is asked in all.</summary>
    public int ConnectionTries { get; init; } = 3;

    /// <summary>The wait after a try.</summary>
    /// <param name="tries">How many there were.</param>
    /// <param name="asked">What the server asked for; null when it did not.</param>
    public TimeSpan Pause(int tries, TimeSpan? asked)
    {
        var own = FirstPause * Math.Pow(2, tries - 1);
        var pause = asked > own ? asked.Value : own;
        return pause < LongestPause ? pause : LongestPause;
    }
}
