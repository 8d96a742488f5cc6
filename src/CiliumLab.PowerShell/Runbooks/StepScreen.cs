using System.Globalization;
using System.Management.Automation;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Runbooks;

/// <summary>What a runbook shows around the objects of its steps.</summary>
internal static class StepScreen
{
    private const int Width = 100;

    private static readonly string[] HostTag = ["PSHOST"];

    /// <summary>The line above a step.</summary>
    public static void Heading(PSCmdlet cmdlet, int number, string title)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"── {number}. {title} ");
        Write(cmdlet, "\n" + text + new string('─', Math.Max(3, Width - text.Length)), ConsoleColor.Cyan);
    }

    /// <summary>The line below a step.</summary>
    public static void Outcome(PSCmdlet cmdlet, LabStepResult result)
    {
        var took = string.Create(CultureInfo.InvariantCulture, $"{result.Duration.TotalSeconds:0.0} s");
        var (text, color) = result.Status switch
        {
            LabStepStatus.Done => ($"   done in {took}", ConsoleColor.Green),
            LabStepStatus.AlreadyDone => ("   nothing to do: it is so already", ConsoleColor.DarkGray),
            LabStepStatus.Failed => ($"   failed after {took}", ConsoleColor.Red),
            _ => ($"   not run: {result.Failure}", ConsoleColor.Yellow),
        };
        Write(cmdlet, text, color);
    }

    /// <summary>Lets the teacher talk.</summary>
    public static void WaitForEnter(PSCmdlet cmdlet)
    {
        Write(cmdlet, "   press Enter to go on", ConsoleColor.DarkGray);
        cmdlet.Host.UI.ReadLine();
    }

    // As Write-Host does: the text is on the screen and in the information stream, not among the objects.
    private static void Write(PSCmdlet cmdlet, string text, ConsoleColor color) =>
        cmdlet.WriteInformation(new HostInformationMessage { Message = text, ForegroundColor = color }, HostTag);
}
