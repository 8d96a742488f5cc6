namespace CiliumLab.Engine.Providers;

/// <summary>What a lab's machines do.</summary>
public enum LabPowerState
{
    /// <summary>All of them run.</summary>
    Running,

    /// <summary>None of them runs.</summary>
    Stopped,

    /// <summary>Some run and some do not, or some are gone.</summary>
    Partial,

    /// <summary>There are none: somebody removed them in another way.</summary>
    Missing,
}

/// <summary>What a lab's machines do, and what is to be said about it.</summary>
/// <param name="State">What they do.</param>
/// <param name="Reason">Which machines differ from the rest, and what to type; null when there is nothing to say.</param>
public sealed record LabPower(LabPowerState State, string? Reason = null);
