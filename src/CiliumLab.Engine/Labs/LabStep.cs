namespace CiliumLab.Engine.Labs;

/// <summary>Is told the step that work on a lab is at.</summary>
/// <param name="step">The step.</param>
/// <param name="node">The node that is at that step; null when it is the lab as a whole.</param>
public delegate Task LabStep(string step, string? node = null);
